import DiffusionCore
import DiffusionTUI

/// Reads commands, one a line, and writes what a ``PlainSession`` answers, until the lines end or one of them is
/// `quit`.
public struct PlainRunner {
  private let readLine: () -> String?
  private let write: (PrintedText) throws -> Void

  /// Makes a runner.
  ///
  /// - Parameters:
  ///   - readLine: The next line; nil at the end.
  ///   - write: Writes text whose lines are ended.
  public init(readLine: @escaping () -> String?, write: @escaping (PrintedText) throws -> Void) {
    self.readLine = readLine
    self.write = write
  }

  /// Holds the conversation.
  ///
  /// - Returns: Where it ended.
  /// - Throws: What keeps the first run from starting, or the answers from being written.
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
