import CNCurses

/// The numbers that ncurses uses for colours. ``ColorPalette`` chooses the colours.
package struct ColorNumbers: Sendable {
  /// The colour tier.
  package let tier: ColorTier

  /// Creates the numbers of a tier.
  package init(tier: ColorTier) {
    self.tier = tier
  }

  /// The two numbers of a cell; -1, the terminal's default, for a colour that the terminal lacks, and without colours.
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

  /// Even here 0 to 7 are the ANSI colours, so the darkest blues are shifted by one step of green.
  private static func direct(_ color: RGB) -> Int32 {
    let value = Int32(color.red) << 16 | Int32(color.green) << 8 | Int32(color.blue)
    return value < 8 ? value | 0x100 : value
  }
}

/// The colour pairs registered with ncurses, numbered in order of first use. The limit is 65,536, fewer than a screen
/// of noise uses in a second, so pairs are discarded and registered again when they run short. In practice that happens
/// much earlier: ncurses keeps pairs in a tree, and slows down as it grows.
struct ColorPairs {
  private var numbers: [UInt64: Int32] = [:]
  private let limit: Int
  /// The number up to which ncurses allocates; no pair uses it.
  private var most = 0
  /// Pairs beyond one per cell, so that pictures can change for a while before all are discarded.
  private static let spare = 4_000
  /// The limit of 16-bit pair numbers, with a margin.
  private static let atMost = 65_000

  /// Prepares for the open terminal.
  init() {
    limit = Int(cnc_pair_limit())
  }

  /// Whether a frame that may need a number of new pairs could exhaust them. Never where there are few colours, since
  /// then all their pairs fit.
  func isShort(of count: Int) -> Bool { !isSmall && numbers.count + count >= most }

  /// Discards all pairs. The whole screen must be drawn again.
  ///
  /// - Parameter cells: The number of cells on the screen.
  mutating func forget(cells: Int) {
    numbers.removeAll(keepingCapacity: true)
    most = min(cells + Self.spare, Self.atMost, limit - 1)
    cnc_forget_pairs(Int32(most))
  }

  /// The number of a pair; -1 stands for the terminal's default colours. When pairs run out, it is the default pair.
  mutating func number(foreground: Int32, background: Int32) -> Int32 {
    var (foreground, background) = (foreground, background)
    if isSmall {
      // The Linux console has only the 64 pairs of 8 colours: the default colours must be among them.
      (foreground, background) = (foreground < 0 ? 7 : foreground, max(0, background))
      if foreground == 7 && background == 0 { return 0 }
    } else if foreground < 0 && background < 0 {
      return 0
    }
    let key = UInt64(UInt32(bitPattern: foreground)) << 32 | UInt64(UInt32(bitPattern: background))
    if let known = numbers[key] { return known }
    // Never reuse a number: ncurses would recolour what is on the screen.
    let number = Int32(numbers.count + 1)
    guard number < (isSmall ? limit : most), cnc_set_pair(number, foreground, background) else { return 0 }
    numbers[key] = number
    return number
  }

  private var isSmall: Bool { limit <= 256 }
}
