/// A diverging colour map: blue below zero, white at zero, orange to red above. Both arms darken alike, so that
/// magnitude can be read without hue, and blue and orange can be told apart with every common kind of colour blindness.
/// The scale is fixed and symmetric; values beyond it have the last colour.
package struct DivergingColorMap: Sendable, Hashable {
  /// The number of colours available.
  package let tier: ColorTier

  package init(tier: ColorTier) { self.tier = tier }

  private static let below = [
    RGB(245, 245, 245), RGB(158, 202, 240), RGB(74, 144, 217), RGB(25, 84, 165), RGB(8, 38, 96),
  ]
  private static let above = [
    RGB(245, 245, 245), RGB(253, 190, 133), RGB(241, 116, 48), RGB(189, 50, 20), RGB(103, 12, 10),
  ]

  /// The colour of a fraction of the scale, -1 to 1. It is continuous with 24 bits and 256 colours, and in steps with
  /// 16 colours (white up to 1/8, then bright blue or bright red, and the dark ones from 1/2 on) and with 8 (white up
  /// to 1/4). NaN is ``Picture/notANumber``.
  package func color(_ share: Double) -> RGB {
    if share.isNaN { return Picture.notANumber }
    let magnitude = min(1, share.magnitude)
    switch tier {
    case .trueColor, .palette256: return Self.blend(share < 0 ? Self.below : Self.above, magnitude)
    case .ansi16:
      if magnitude < 0.125 { return RGB(229, 229, 229) }
      if magnitude < 0.5 { return share < 0 ? RGB(92, 92, 255) : RGB(255, 0, 0) }
      return share < 0 ? RGB(0, 0, 238) : RGB(205, 0, 0)
    case .ansi8, .mono:
      if magnitude < 0.25 { return RGB(229, 229, 229) }
      return share < 0 ? RGB(0, 0, 238) : RGB(205, 0, 0)
    }
  }

  /// The two characters of a fraction without colours: its sign, then `.` below a tenth of the scale, the tenths as a
  /// digit, or `#` from the end of the scale on. Two spaces are exactly zero; `NN` is NaN.
  package static func signs(_ share: Double) -> [Character] {
    if share.isNaN { return ["N", "N"] }
    if share == 0 { return [" ", " "] }
    let tenths = Int(min(10, share.magnitude * 10))
    let digits: [Character] = [".", "1", "2", "3", "4", "5", "6", "7", "8", "9", "#"]
    return [share < 0 ? "-" : "+", digits[tenths]]
  }

  private static func blend(_ stops: [RGB], _ share: Double) -> RGB {
    let place = share * Double(stops.count - 1)
    let index = min(stops.count - 2, Int(place))
    return stops[index].blended(with: stops[index + 1], share: place - Double(index))
  }
}

extension RGB {
  /// A blend of this colour and another, in sRGB.
  ///
  /// - Parameter share: The weight of the other colour: 0 is this one, 1 the other.
  package func blended(with other: RGB, share: Double) -> RGB {
    func mix(_ from: UInt8, _ to: UInt8) -> UInt8 {
      UInt8(clamping: Int((Double(from) + (Double(to) - Double(from)) * min(1, max(0, share))).rounded()))
    }
    return RGB(mix(red, other.red), mix(green, other.green), mix(blue, other.blue))
  }
}
