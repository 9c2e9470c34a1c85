import DiffusionCore
import DiffusionTUI
import Dispatch
import Glibc

/// A terminal that the process makes for itself and sits in: standard input and output are its own until it is closed.
/// What is written to it is read away on a thread, as a terminal would, and shown to nobody.
final class PseudoTerminal {
  /// The end that a terminal's keys come from.
  let main: Int32
  private let former: [Int32]
  private let drained = DispatchGroup()
  private var isOpen = true

  /// Makes a terminal and moves standard input and output into it.
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
    // The other end must be gone once it is left: no program that is started meanwhile may hold it.
    for descriptor in [main, own] { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    former = [STDIN_FILENO, STDOUT_FILENO].map { fcntl($0, F_DUPFD_CLOEXEC, 3) }
    _ = dup2(own, STDIN_FILENO)
    _ = dup2(own, STDOUT_FILENO)
    close(own)
    drain()
  }

  deinit { leave() }

  /// Gives standard input and output back.
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
    // Nobody has the other end any more, which ends the reading.
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
