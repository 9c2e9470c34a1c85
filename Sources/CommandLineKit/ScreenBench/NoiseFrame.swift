import DiffusionCore
import DiffusionTUI

/// Screens on which no two cells are alike: two pixels of noise in each, the worst that can be asked of a terminal.
struct NoiseFrame {
  /// The same screens each time.
  private var twister = MersenneTwister(seed: 0)

  /// The next screen; half blocks in 24-bit colours.
  mutating func next(size: Size) -> Frame {
    var frame = Frame(size: size)
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let bits = twister.next64()
        frame[column, row] = Cell("\u{2580}", Style(foreground: Self.color(bits), background: Self.color(bits >> 24)))
      }
    }
    return frame
  }

  private static func color(_ bits: UInt64) -> RGB {
    RGB(UInt8(truncatingIfNeeded: bits), UInt8(truncatingIfNeeded: bits >> 8), UInt8(truncatingIfNeeded: bits >> 16))
  }
}
