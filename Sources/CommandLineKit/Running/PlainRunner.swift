import DiffusionCore
import DiffusionTUI

/// Reads commands, one per line, and writes the answers of a ``PlainSession``, until the lines end or one of them is
/// `quit`.
public struct PlainRunner {
  private let readLine: () -> String?
  private let write: (PrintedText) throws -> Void

  /// Creates a runner.
  ///
  /// - Parameters:
  ///   - readLine: Returns the next line; nil at the end.
  ///   - write: Writes text in complete lines.
  public init(readLine: @escaping () -> String?, write: @escaping (PrintedText) throws -> Void) {
    self.readLine = readLine
    self.write = write
  }

  /// Runs the session.
  ///
  /// - Returns: The final state.
  /// - Throws: An error in starting the first run, or in writing the answers.
  @discardableResult
  package func run(_ session: PlainSession) throws -> State {
    var session = session
    try say(try session.start())
    while !session.hasEnded, let line = readLine() { try say(try session.answer(line)) }
    return session.state
  }

  private func say(_ sentences: [String]) throws {
    if !sentences.isEmpty { try write(sentences.map { "\($0)\n" as PrintedText }.joined()) }
  }
}
