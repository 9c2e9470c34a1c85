import CNCurses

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

/// The pairs of colours that ncurses was told of, numbered in the order they came. It has 65,536 at most, fewer than a
/// screen of noise goes through in a second, so that they are forgotten and told anew when they run short. That comes
/// long before: ncurses keeps pairs in a tree, and is the slower the larger that is.
struct ColorPairs {
  private var numbers: [UInt64: Int32] = [:]
  private let limit: Int
  /// ncurses makes room up to this number, which is no pair's own.
  private var most = 0
  /// Pairs beyond one for each cell, so that pictures can change for a while before all is forgotten.
  private static let spare = 4_000
  /// The most that can be told apart by a number of 16 bits.
  private static let atMost = 65_000

  /// Prepares for the terminal that is open.
  init() {
    limit = Int(cnc_pair_limit())
  }

  /// Whether a frame that may need so many new pairs could run out of them. Never where there are few colours, since
  /// then every pair of them fits.
  func isShort(of count: Int) -> Bool { !isSmall && numbers.count + count >= most }

  /// Forgets them all. What is on the screen must be put there again.
  ///
  /// - Parameter cells: How many cells the screen has.
  mutating func forget(cells: Int) {
    numbers.removeAll(keepingCapacity: true)
    most = min(cells + Self.spare, Self.atMost, limit - 1)
    cnc_forget_pairs(Int32(most))
  }

  /// The number of a pair, -1 being the terminal's own colours. Once there are no more, the terminal's own pair.
  mutating func number(foreground: Int32, background: Int32) -> Int32 {
    var (foreground, background) = (foreground, background)
    if isSmall {
      // The 64 pairs of 8 colours are all that the Linux console has: the terminal's own must be among them.
      (foreground, background) = (foreground < 0 ? 7 : foreground, max(0, background))
      if foreground == 7 && background == 0 { return 0 }
    } else if foreground < 0 && background < 0 {
      return 0
    }
    let key = UInt64(UInt32(bitPattern: foreground)) << 32 | UInt64(UInt32(bitPattern: background))
    if let known = numbers[key] { return known }
    // Never one that has colours already: ncurses would recolour what is on the screen.
    let number = Int32(numbers.count + 1)
    guard number < (isSmall ? limit : most), cnc_set_pair(number, foreground, background) else { return 0 }
    numbers[key] = number
    return number
  }

  private var isSmall: Bool { limit <= 256 }
}
