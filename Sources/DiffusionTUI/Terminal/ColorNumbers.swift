/// The numbers by which ncurses takes colours. Which colour stands for which is ``ColorPalette``'s to say.
package struct ColorNumbers: Sendable {
  /// How many colours there are.
  package let tier: ColorTier

  /// Prepares for a tier.
  package init(tier: ColorTier) {
    self.tier = tier
  }

  /// The two numbers of a cell; -1, the terminal's own, for a colour that it does not have, and without colours.
  package func numbers(of cell: Cell) -> (foreground: Int32, background: Int32) {
    let colors = ColorPalette.colors(of: cell, tier)
    return (Self.number(of: colors.foreground), Self.number(of: colors.background))
  }

  private static func number(of color: TerminalColor) -> Int32 {
    switch color {
    case .default: -1
    case .index(let index): Int32(index)
    case .rgb(let color): direct(color)
    }
  }

  /// 0 to 7 are the ANSI colours even here, so that the darkest blues are moved by one step of green.
  private static func direct(_ color: RGB) -> Int32 {
    let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
    return value < 8 ? value | 0x100 : value
  }
}
