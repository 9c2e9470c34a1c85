import DiffusionCore
import DiffusionTUI
import Glibc

/// Writes text to an open file descriptor such as standard output. Nothing else prints.
public struct DescriptorStream: Sendable {
  /// The error for a pipe whose reading end is closed.
  public struct ReaderGone: Error {
    /// Creates the error.
    package init() {}
  }

  /// The descriptor, which the caller remains responsible for closing.
  public let descriptor: Int32
  /// The name in errors.
  public let name: String

  /// Creates a stream on an open descriptor.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Standard output.
  public static let standardOutput = DescriptorStream(descriptor: STDOUT_FILENO, name: "standard output")
  /// Standard error.
  public static let standardError = DescriptorStream(descriptor: STDERR_FILENO, name: "standard error")

  /// Whether the descriptor is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes a line for each warning. Warnings that cannot be written are lost.
  public func warn(_ warnings: [String]) {
    for warning in warnings { try? write("diffusion-tui: warning: \(warning)\n") }
  }

  /// Writes text in UTF-8, or in ASCII to a terminal whose locale supports no more. While nothing reads a terminal or a
  /// pipe, signals that ``Interruption`` blocks end the wait.
  ///
  /// - Throws: ``ReaderGone`` for a closed pipe, which is not a failure; `CancellationError` if a signal arrived;
  ///   otherwise ``DiffusionError`` (`inputOutput`).
  public func write(_ text: PrintedText) throws {
    let shown = isTerminal && !TerminalSurvey.isLocaleUTF8 ? text.ascii : text.text
    var rest = Array(shown.utf8)[...]
    let most = isTerminal ? 1 : Self.mostToPipe
    while !rest.isEmpty {
      try waitUntilWritable()
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, min($0.count, most)) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        throw ReaderGone()
      } else if errno != EINTR && errno != EAGAIN {
        throw SystemCall.failure(.inputOutput, name, "cannot be written")
      }
    }
  }

  /// A pipe that can be written to takes this many bytes without blocking (Linux's `PIPE_BUF`).
  private static let mostToPipe = 4096

  /// Blocked signals do not interrupt a write, so a write must not block.
  private func waitUntilWritable() throws {
    var file = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
    while poll(&file, 1, 100) == 0 {
      if Interruption.isPending { throw CancellationError() }
    }
  }
}
