/// Brings 24-bit colours down to the numbers that a terminal takes.
package struct ColorNumbers: Sendable {
  /// How many colours there are.
  package let tier: ColorTier

  /// Prepares for a tier.
  package init(tier: ColorTier) {
    self.tier = tier
  }

  /// The number that shows a colour best; -1, the terminal's own, for nil and without colours.
  package func number(of color: RGB?) -> Int32 {
    guard let color else { return -1 }
    switch tier {
    case .mono: return -1
    case .ansi8: return Self.nearest(to: color, among: 0..<8)
    case .ansi16: return Self.nearest(to: color, among: 0..<16)
    case .palette256: return Self.fixedPalette(color)
    case .trueColor: return Self.direct(color)
    }
  }

  /// The two numbers of a cell. Text whose colours differ does not vanish where the tier has one number for both:
  /// it becomes black or white. In blocks that is left alone, for there the two are pixels of equal standing.
  package func numbers(of cell: Cell) -> (foreground: Int32, background: Int32) {
    let foreground = number(of: cell.style.foreground)
    let background = number(of: cell.style.background)
    guard foreground == background, foreground >= 0, tier < .trueColor, let behind = cell.style.background,
      cell.style.foreground != behind, !Self.isBlock(cell.character)
    else { return (foreground, background) }
    let isLight = 2 * Int(behind.red) + 5 * Int(behind.green) + Int(behind.blue) > 8 * 127
    return (number(of: isLight ? RGB(0, 0, 0) : RGB(255, 255, 255)), background)
  }

  /// 0 to 7 are the ANSI colours even here, so that the darkest blues are moved by one step of green.
  private static func direct(_ color: RGB) -> Int32 {
    let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
    return value < 8 ? value | 0x100 : value
  }

  /// 16 to 255 alone: the 6x6x6 cube and the grey ramp, which no terminal's settings change.
  private static func fixedPalette(_ color: RGB) -> Int32 {
    let levels = [0, 95, 135, 175, 215, 255]
    func level(_ component: UInt8) -> Int {
      component < 48 ? 0 : component < 115 ? 1 : (Int(component) - 35) / 40
    }
    let (red, green, blue) = (level(color.red), level(color.green), level(color.blue))
    let average = (Int(color.red) + Int(color.green) + Int(color.blue)) / 3
    let grey = min(23, max(0, (average - 3) / 10))
    let shade = UInt8(8 + 10 * grey)
    let inCube = RGB(UInt8(levels[red]), UInt8(levels[green]), UInt8(levels[blue]))
    if distance(color, RGB(shade, shade, shade)) < distance(color, inCube) { return Int32(232 + grey) }
    return Int32(16 + 36 * red + 6 * green + blue)
  }

  private static func nearest(to color: RGB, among numbers: Range<Int>) -> Int32 {
    let best = numbers.min { distance(color, ansi[$0]) < distance(color, ansi[$1]) }
    return Int32(best ?? 0)
  }

  private static func distance(_ first: RGB, _ second: RGB) -> Int {
    let red = Int(first.red) - Int(second.red)
    let green = Int(first.green) - Int(second.green)
    let blue = Int(first.blue) - Int(second.blue)
    return red * red + green * green + blue * blue
  }

  private static func isBlock(_ character: Character) -> Bool {
    guard let scalar = character.unicodeScalars.first else { return false }
    return (0x2580...0x259F).contains(scalar.value)
  }

  /// xterm's defaults for the 16 ANSI colours (`XTerm-col.ad`).
  private static let ansi: [RGB] = [
    RGB(0, 0, 0), RGB(205, 0, 0), RGB(0, 205, 0), RGB(205, 205, 0),
    RGB(0, 0, 238), RGB(205, 0, 205), RGB(0, 205, 205), RGB(229, 229, 229),
    RGB(127, 127, 127), RGB(255, 0, 0), RGB(0, 255, 0), RGB(255, 255, 0),
    RGB(92, 92, 255), RGB(255, 0, 255), RGB(0, 255, 255), RGB(255, 255, 255),
  ]
}
