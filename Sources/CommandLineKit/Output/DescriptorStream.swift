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

  /// Writes text in UTF-8, or in ASCII to a terminal whose locale supports no more.
  ///
  /// - Throws: ``ReaderGone`` for a closed pipe, which is not a failure; otherwise ``DiffusionError`` (`inputOutput`).
  public func write(_ text: PrintedText) throws {
    let shown = isTerminal && !TerminalSurvey.isLocaleUTF8 ? text.ascii : text.text
    var rest = Array(shown.utf8)[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count >= 0 {
        rest = rest.dropFirst(count)
      } else if errno == EPIPE {
        throw ReaderGone()
      } else if errno != EINTR && errno != EAGAIN {
        throw SystemCall.failure(.inputOutput, name, "cannot be written")
      }
    }
  }
}
