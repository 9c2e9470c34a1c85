/// The number of colours that a terminal has. Views draw in 24-bit colour; a frame is reduced to the tier at the end.
public enum ColorTier: String, Sendable, CaseIterable, Comparable {
  case mono, ansi8 = "8", ansi16 = "16", palette256 = "256", trueColor = "truecolor"

  /// Orders tiers by the number of colours.
  public static func < (left: Self, right: Self) -> Bool {
    (allCases.firstIndex(of: left) ?? 0) < (allCases.firstIndex(of: right) ?? 0)
  }
}

/// A colour in the form that a terminal of some tier takes.
public enum TerminalColor: Sendable, Hashable {
  /// The terminal's default.
  case `default`
  /// An index into its palette: 0 to 7, 0 to 15, or 16 to 255, by the tier.
  case index(Int)
  /// A 24-bit colour.
  case rgb(RGB)
}

/// Reduces 24-bit colours to those that a terminal has.
public enum ColorPalette {
  /// The levels of the 6x6x6 cube at indices 16 to 231 of the 256-colour palette (xterm, `256colres.pl`).
  private static let cubeLevels: [Int] = [0, 95, 135, 175, 215, 255]

  /// The 16 colours of xterm (`charproc.c` defaults). Users often change them, so they stand for hues more than for
  /// values.
  private static let ansi: [RGB] = [
    RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0), RGB(0, 0, 238), RGB(205, 0, 205),
    RGB(0, 205, 205), RGB(229, 229, 229), RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
    RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
  ]

  /// The nearest colour of a tier. With 256 colours, only those from 16 on are used, which nobody changes.
  public static func quantized(_ color: RGB, _ tier: ColorTier) -> TerminalColor {
    switch tier {
    case .mono: .default
    case .ansi8: .index(nearest(color, among: 8))
    case .ansi16: .index(nearest(color, among: 16))
    case .palette256: .index(index256(color))
    case .trueColor: .rgb(color)
    }
  }

  /// The two colours of a cell. Where the tier would give text and background the same colour, the text becomes black
  /// or white to stay visible. Blocks are left alone, because there the two colours are pixels of equal standing.
  package static func colors(of cell: Cell, _ tier: ColorTier) -> (foreground: TerminalColor, background: TerminalColor)
  {
    let foreground = cell.style.foreground.map { quantized($0, tier) } ?? .default
    let background = cell.style.background.map { quantized($0, tier) } ?? .default
    guard foreground == background, tier < .trueColor, case .index = foreground, let behind = cell.style.background,
      cell.style.foreground != behind, !isBlock(cell.character)
    else { return (foreground, background) }
    let isLight = 2 * Int(behind.red) + 5 * Int(behind.green) + Int(behind.blue) > 8 * 127
    return (quantized(isLight ? RGB(0, 0, 0) : RGB(255, 255, 255), tier), background)
  }

  private static func isBlock(_ character: Character) -> Bool {
    guard let scalar = character.unicodeScalars.first else { return false }
    return (0x2580...0x259F).contains(scalar.value) || (0x1FB00...0x1FB3B).contains(scalar.value)
  }

  /// The colour that a palette index shows, by xterm's defaults; nil for the terminal's default.
  public static func rgb(of color: TerminalColor) -> RGB? {
    switch color {
    case .default: return nil
    case .rgb(let color): return color
    case .index(let index):
      if index < 16 { return ansi[max(0, index)] }
      if index >= 232 {
        let level = UInt8(clamping: 8 + 10 * (index - 232))
        return RGB(level, level, level)
      }
      let place = index - 16
      return RGB(
        UInt8(cubeLevels[place / 36 % 6]), UInt8(cubeLevels[place / 6 % 6]), UInt8(cubeLevels[place % 6]))
    }
  }

  private static func index256(_ color: RGB) -> Int {
    // Half-way between two levels, the lower one wins. Above the first two, levels are 40 apart.
    func step(_ component: UInt8) -> Int { component < 48 ? 0 : max(1, (Int(component) - 36) / 40) }
    let cube = 16 + 36 * step(color.red) + 6 * step(color.green) + step(color.blue)
    let average = (Int(color.red) + Int(color.green) + Int(color.blue)) / 3
    let gray = 232 + min(23, max(0, (average - 3) / 10))
    return distance(color, .index(gray)) < distance(color, .index(cube)) ? gray : cube
  }

  private static func nearest(_ color: RGB, among count: Int) -> Int {
    (0..<count).min { distance(color, .index($0)) < distance(color, .index($1)) } ?? 0
  }

  /// The squared distance, weighted by Rec. 601: green counts most, as it does for the eye.
  private static func distance(_ left: RGB, _ right: TerminalColor) -> Int {
    guard let right = rgb(of: right) else { return .max }
    let red = Int(left.red) - Int(right.red)
    let green = Int(left.green) - Int(right.green)
    let blue = Int(left.blue) - Int(right.blue)
    return 30 * red * red + 59 * green * green + 11 * blue * blue
  }
}
