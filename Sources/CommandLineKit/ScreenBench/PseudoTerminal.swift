import DiffusionCore
import DiffusionTUI
import Dispatch
import Glibc

/// A pseudo-terminal for the process itself: it replaces standard input and output until it is closed. Its output is
/// read on a thread, as a terminal would, and discarded.
final class PseudoTerminal {
  /// The end that keys are typed into.
  let main: Int32
  private let former: [Int32]
  private let drained = DispatchGroup()
  private var isOpen = true

  /// Creates a terminal and redirects standard input and output to it.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the system has none.
  init(size: Size) throws {
    var window = winsize(
      ws_row: UInt16(clamping: size.rows), ws_col: UInt16(clamping: size.columns), ws_xpixel: 0, ws_ypixel: 0)
    var main: Int32 = -1
    var own: Int32 = -1
    guard openpty(&main, &own, nil, nil, &window) == 0 else {
      throw DiffusionError(
        .unavailable, "bench --tui: the system gives no pseudo-terminal: \(SystemCall.reason): mount /dev/pts")
    }
    self.main = main
    // The other end must be closed when it is left, so no program started meanwhile may inherit it.
    for descriptor in [main, own] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    former = [STDIN_FILENO, STDOUT_FILENO].map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
    _ = dup2(own, STDIN_FILENO)
    _ = dup2(own, STDOUT_FILENO)
    close(own)
    drain()
  }

  deinit { leave() }

  /// Restores standard input and output.
  func leave() {
    guard isOpen else { return }
    isOpen = false
    for (place, descriptor) in former.enumerated() {
      if descriptor >= 0 {
        _ = dup2(descriptor, Int32(place))
        close(descriptor)
      } else {
        close(Int32(place))
      }
    }
    // The other end is closed everywhere, which ends the reading.
    drained.wait()
    close(main)
  }

  private func drain() {
    DispatchQueue(label: "terminal").async(group: drained) { [main] in
      withUnsafeTemporaryAllocation(byteCount: 1 << 16, alignment: 1) { buffer in
        while true {
          let count = read(main, buffer.baseAddress, buffer.count)
          guard count > 0 || (count < 0 && errno == EINTR) else { return }
        }
      }
    }
  }
}
