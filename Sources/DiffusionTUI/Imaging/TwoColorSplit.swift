/// The best approximation of a cell's pixels with two colours: each pixel gets one of the two, and the sum of squared
/// differences in red, green and blue is minimal. Up to two distinct colours are kept exactly.
package struct TwoColorSplit: Sendable, Equatable {
  /// The pixels with the first colour: bit i for pixel i.
  package let mask: Int
  /// The colours of the pixels in `mask` and of the others; the rounded mean of the pixels that share it.
  package let first, second: RGB
  /// Whether every pixel keeps its own colour.
  package let isExact: Bool

  /// Splits one to six pixels.
  package init(_ pixels: [RGB]) {
    let base = pixels.first ?? RGB(0, 0, 0)
    let other = pixels.first { $0 != base } ?? base
    var mask = 0
    var isExact = true
    for (index, pixel) in pixels.enumerated() {
      if pixel == base { mask |= 1 << index } else if pixel != other { isExact = false }
    }
    self.isExact = isExact
    guard !isExact else {
      (self.mask, first, second) = (mask, base, other)
      return
    }
    let best = Self.bestMask(pixels)
    self.mask = best
    first = Self.mean(pixels, where: { best >> $0 & 1 == 1 })
    second = Self.mean(pixels, where: { best >> $0 & 1 == 0 })
  }

  /// The mask with the least squared difference from the means, which is that with the largest squared length of the
  /// sums over their number. In whole numbers: 60 is divisible by every number of pixels up to six. The first pixel is
  /// always in the mask, since the other half of the masks are the same splits with the colours swapped; in a tie
  /// the lowest mask wins.
  private static func bestMask(_ pixels: [RGB]) -> Int {
    var best = (mask: 1, score: Int.min)
    for mask in stride(from: 1, to: 1 << pixels.count, by: 2) {
      var sums = SIMD8<Int32>()
      for (index, pixel) in pixels.enumerated() {
        let color = SIMD4<Int32>(Int32(pixel.red), Int32(pixel.green), Int32(pixel.blue), 1)
        if mask >> index & 1 == 1 { sums.lowHalf &+= color } else { sums.highHalf &+= color }
      }
      let score = score(sums.lowHalf) + score(sums.highHalf)
      if score > best.score { best = (mask, score) }
    }
    return best.mask
  }

  private static func score(_ sum: SIMD4<Int32>) -> Int {
    let (red, green, blue, count) = (Int(sum.x), Int(sum.y), Int(sum.z), Int(sum.w))
    return count == 0 ? 0 : (red * red + green * green + blue * blue) * (60 / count)
  }

  private static func mean(_ pixels: [RGB], where isMember: (Int) -> Bool) -> RGB {
    let members = pixels.indices.filter(isMember).map { pixels[$0] }
    func mean(_ component: (RGB) -> UInt8) -> UInt8 {
      let sum = members.reduce(0) { $0 + Int(component($1)) }
      return UInt8(clamping: (2 * sum + members.count) / max(1, 2 * members.count))
    }
    return RGB(mean(\.red), mean(\.green), mean(\.blue))
  }
}
