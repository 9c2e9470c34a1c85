/// A frame as plain text: its characters, without trailing spaces.
public struct FrameText: Sendable {
  /// The text, one line a row, each ended by a newline.
  public let text: String

  /// Writes a frame.
  public init(_ frame: Frame) {
    let lines = (0..<frame.size.rows).map { row in
      var line = String((0..<frame.size.columns).map { frame[$0, row].character })
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    text = lines.map { $0 + "\n" }.joined()
  }
}
