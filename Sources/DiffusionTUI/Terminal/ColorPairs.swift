import CNCurses

/// The pairs of colours that ncurses was told of. It has 65,536 at most, fewer than a screen of noise goes through in a
/// minute, so that they are forgotten and told anew when they run short.
struct ColorPairs {
  private struct Pair: Hashable {
    let foreground: Int32
    let background: Int32
  }

  private var numbers: [Pair: Int32] = [:]
  /// `alloc_pair` fails past 65,536, and gets slow before.
  private static let comfortable = 60_000

  /// Whether a frame that may need so many new pairs could run out of them. Never where there are few colours, since
  /// then every pair of them fits.
  func isShort(of count: Int) -> Bool {
    !isSmall && !numbers.isEmpty && numbers.count + count > min(Self.comfortable, limit - 1)
  }

  /// Forgets them all. What is on the screen must be put there again.
  mutating func forget() {
    numbers.removeAll(keepingCapacity: true)
    cnc_forget_pairs()
  }

  /// The number of a pair, -1 being the terminal's own colours. Once there are no more, the terminal's own pair.
  mutating func number(foreground: Int32, background: Int32) -> Int32 {
    var pair = Pair(foreground: foreground, background: background)
    if isSmall {
      // The 64 pairs of 8 colours are all that the Linux console has: the terminal's own must be among them.
      pair = Pair(foreground: foreground < 0 ? 7 : foreground, background: max(0, background))
      if pair == Pair(foreground: 7, background: 0) { return 0 }
    } else if foreground < 0 && background < 0 {
      return 0
    }
    if let known = numbers[pair] { return known }
    // Not asked of ncurses, which would recolour a pair that is on the screen to make room.
    guard numbers.count + 1 < limit else { return 0 }
    let number = cnc_pair(pair.foreground, pair.background)
    if number > 0 { numbers[pair] = number }
    return number
  }

  private var limit: Int { Int(cnc_pair_limit()) }
  private var isSmall: Bool { limit <= 256 }
}
