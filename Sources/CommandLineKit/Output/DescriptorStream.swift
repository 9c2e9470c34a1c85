import DiffusionCore
import DiffusionTUI
import Glibc

/// Writes text for people and programs to an open file descriptor, standard output for one. Nothing else prints.
public struct DescriptorStream: Sendable {
  /// Nobody reads the other end of the pipe any more.
  public struct ReaderGone: Error {}

  /// The descriptor, which stays the caller's to close.
  public let descriptor: Int32
  /// What errors call it.
  public let name: String

  /// Names an open descriptor.
  public init(descriptor: Int32, name: String) {
    self.descriptor = descriptor
    self.name = name
  }

  /// Standard output.
  public static let standardOutput = DescriptorStream(descriptor: STDOUT_FILENO, name: "standard output")
  /// Standard error.
  public static let standardError = DescriptorStream(descriptor: STDERR_FILENO, name: "standard error")

  /// Whether it is a terminal.
  public var isTerminal: Bool { isatty(descriptor) == 1 }

  /// Writes text in UTF-8; in ASCII to a terminal whose locale has no more.
  ///
  /// - Throws: ``ReaderGone`` for a closed pipe, which is no mistake; ``DiffusionError`` (`inputOutput`) else.
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
