import DiffusionCore
import Glibc

/// Texts that a command reads from a file, a pipe or standard input: files of runs, and receipts.
enum TextInput {
  /// The path that stands for standard input.
  static let standardInput = "-"

  /// Whether a path is that of standard input.
  static func isStandardInput(_ path: String) -> Bool { [standardInput, "/dev/stdin", "/dev/fd/0"].contains(path) }

  /// Whether a path is that of standard input or of a pipe, whose name says nothing of what it holds.
  static func isStream(_ path: String) -> Bool { isStandardInput(path) || FileAccess.isPipe(path) }

  /// The name of a text in messages.
  static func name(of path: String) -> String { path == standardInput ? "standard input" : path }

  /// Reads a text. Ctrl-C and similar signals end the process while it waits for a pipe.
  ///
  /// - Throws: ``DiffusionError``: `missingInput`, `inputOutput`, or `badData` for more than 16 MB, and for a folder, a
  ///   device or a socket.
  static func read(_ path: String) throws -> [UInt8] {
    // A socket cannot be opened by its name in /dev.
    if isStandardInput(path) { return try read(STDIN_FILENO, path) }
    guard FileAccess.isPipe(path) else { return try FileAccess.readText(path) }
    return try whileSignalsEnd {
      let descriptor = open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else { throw SystemCall.failure(.inputOutput, path, "cannot be read") }
      defer { close(descriptor) }
      return try read(descriptor, path)
    }
  }

  private static func read(_ descriptor: Int32, _ path: String) throws -> [UInt8] {
    var text: [UInt8] = [], block = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = whileSignalsEnd { Glibc.read(descriptor, &block, block.count) }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw SystemCall.failure(.inputOutput, name(of: path), "cannot be read") }
      if count == 0 { return text }
      text += block[..<count]
      guard text.count <= FileAccess.maximumText else { throw FileAccess.tooLarge(name(of: path), "more") }
    }
  }

  /// Lets signals that ``Interruption`` blocks end the process, since nothing is to be tidied up yet.
  private static func whileSignalsEnd<Result>(_ work: () throws -> Result) rethrows -> Result {
    var signals = sigset_t(), former = sigset_t()
    sigemptyset(&signals)
    for signal in Interruption.signals { sigaddset(&signals, signal) }
    pthread_sigmask(SIG_UNBLOCK, &signals, &former)
    defer { pthread_sigmask(SIG_SETMASK, &former, nil) }
    return try work()
  }
}
