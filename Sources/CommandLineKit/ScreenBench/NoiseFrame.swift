import DiffusionTUI

/// Screens on which no two cells are alike: two pixels of noise in each, the worst that can be asked of a terminal.
struct NoiseFrame {
  private var state: UInt64 = 0

  /// The next screen; half blocks in 24-bit colours.
  mutating func next(size: Size) -> Frame {
    var frame = Frame(size: size)
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let bits = nextBits()
        frame[column, row] = Cell("\u{2580}", Style(foreground: Self.color(bits), background: Self.color(bits >> 24)))
      }
    }
    return frame
  }

  private static func color(_ bits: UInt64) -> RGB {
    RGB(UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits >> 16))
  }

  /// SplitMix64 (Steele, Lea and Flood, 2014): the same screens each time.
  private mutating func nextBits() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
    return bits ^ (bits >> 31)
  }
}
