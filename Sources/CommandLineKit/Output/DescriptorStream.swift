import DiffusionCore
import Glibc

/// Writes to an open file descriptor, standard output for one.
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

  /// Writes text in UTF-8.
  ///
  /// - Throws: ``ReaderGone`` for a closed pipe, which is no mistake; ``DiffusionError`` (`inputOutput`) else.
  public func write(_ text: String) throws { try write(Array(text.utf8)) }

  /// Writes bytes, all of them.
  ///
  /// - Throws: ``ReaderGone`` for a closed pipe, which is no mistake; ``DiffusionError`` (`inputOutput`) else.
  public func write(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
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
