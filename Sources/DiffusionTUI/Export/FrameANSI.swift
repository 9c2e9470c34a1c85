/// A frame as text with colours in ECMA-48 sequences, as `cat` shows it in a terminal.
public struct FrameANSI: Sendable {
  /// The text, one line a row, each ended by a reset and a newline.
  public let text: String

  /// Writes a frame with the colours of a tier.
  public init(_ frame: Frame, tier: ColorTier = .trueColor) {
    var text = ""
    for row in 0..<frame.size.rows {
      var style: Style?
      for column in 0..<frame.size.columns {
        let cell = frame[column, row]
        if cell.style != style {
          text += Self.sequence(cell.style, tier)
          style = cell.style
        }
        text.append(cell.character)
      }
      text += "\u{1B}[0m\n"
    }
    self.text = text
  }

  private static func sequence(_ style: Style, _ tier: ColorTier) -> String {
    var codes = ["0"]
    if style.attributes.contains(.bold) { codes.append("1") }
    if style.attributes.contains(.dim) { codes.append("2") }
    if style.attributes.contains(.underline) { codes.append("4") }
    if style.attributes.contains(.reverse) { codes.append("7") }
    if let color = style.foreground { codes += code(ColorPalette.quantized(color, tier), tier, base: 30) }
    if let color = style.background { codes += code(ColorPalette.quantized(color, tier), tier, base: 40) }
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
