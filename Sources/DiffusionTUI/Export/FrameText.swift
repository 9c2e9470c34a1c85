/// A frame as plain text: its characters, without trailing spaces.
public struct FrameText: Sendable {
  /// The text, one line per row, each ended by a newline.
  public let text: String

  /// Writes a frame as text.
  public init(_ frame: Frame) {
    let lines = (0..<frame.size.rows).map { row in
      var line = frame.text(row: row)
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }
    text = lines.map { $0 + "\n" }.joined()
  }
}

/// A frame as text with colours in ECMA-48 escape sequences, for `cat` to show in a terminal.
public struct FrameANSI: Sendable {
  /// The text, one line per row, each ended by a reset and a newline.
  public let text: String

  /// Writes a frame with the colours of a tier.
  public init(_ frame: Frame, tier: ColorTier = .trueColor) {
    var text = ""
    for row in 0..<frame.size.rows {
      var last = ""
      for column in 0..<frame.size.columns {
        let cell = frame[column, row]
        guard cell.part != .rightHalf else { continue }
        let sequence = Self.sequence(cell, tier)
        if sequence != last {
          text += sequence
          last = sequence
        }
        text.append(cell.character)
      }
      text += "\u{1B}[0m\n"
    }
    self.text = text
  }

  private static func sequence(_ cell: Cell, _ tier: ColorTier) -> String {
    let style = cell.style
    let colors = ColorPalette.colors(of: cell, tier)
    var codes = ["0"]
    if style.attributes.contains(.bold) { codes.append("1") }
    if style.attributes.contains(.dim) { codes.append("2") }
    if style.attributes.contains(.underline) { codes.append("4") }
    if style.attributes.contains(.reverse) { codes.append("7") }
    codes += code(colors.foreground, tier, base: 30) + code(colors.background, tier, base: 40)
    return "\u{1B}[\(codes.joined(separator: ";"))m"
  }

  private static func code(_ color: TerminalColor, _ tier: ColorTier, base: Int) -> [String] {
    switch color {
    case .default: []
    case .rgb(let color): ["\(base + 8);2;\(color.red);\(color.green);\(color.blue)"]
    case .index(let index) where tier == .palette256: ["\(base + 8);5;\(index)"]
    case .index(let index): [String(index < 8 ? base + index : base + 52 + index)]
    }
  }
}
