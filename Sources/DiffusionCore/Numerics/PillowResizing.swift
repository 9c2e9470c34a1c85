/// Resizes pictures of 8 bits as the Pillow library does with `BICUBIC`: cubic interpolation (Keys 1981, with a = -0.5)
/// with a filter as wide as the source pixels of a target pixel, weights in fixed point, and a rounding to 8 bits both
/// behind the rows and behind the columns. <doc:NumericsContract> has the order of operations. (Pillow, `Resample.c`.)
enum PillowResizing {
  /// The shares, times 2^22, of places from a first one on in a target place.
  private struct Taps {
    var first: Int
    var weights: [Int]
  }

  private static let bits = 22

  /// Resizes a picture along its rows and its columns, in the order of Pillow 13.
  ///
  /// - Parameters:
  ///   - pixels: `[height][width][3]`.
  ///   - width: Its pixels across, at least 1.
  ///   - size: The size of the result, at least 1x1.
  /// - Returns: `[size.height][size.width][3]`.
  static func resized(_ pixels: [UInt8], width: Int, to size: (height: Int, width: Int)) -> [UInt8] {
    let height = pixels.count / (3 * width)
    guard size.height < height, height - size.height > 2 * (width - size.width) else {
      return down(across(pixels, from: width, to: size.width), width: size.width, to: size.height)
    }
    return across(down(pixels, width: width, to: size.height), from: width, to: size.width)
  }

  /// Resizes along the rows.
  private static func across(_ pixels: [UInt8], from width: Int, to target: Int) -> [UInt8] {
    guard target != width else { return pixels }
    let taps = taps(from: width, to: target)
    return (0..<pixels.count / (3 * width)).flatMap { row in
      taps.flatMap { tap in (0..<3).map { sum(tap, of: pixels, from: row * width * 3 + $0, stride: 3) } }
    }
  }

  /// Resizes along the columns.
  private static func down(_ pixels: [UInt8], width: Int, to target: Int) -> [UInt8] {
    let line = width * 3, height = pixels.count / line
    guard target != height else { return pixels }
    return taps(from: height, to: target).flatMap { tap in
      (0..<line).map { sum(tap, of: pixels, from: $0, stride: line) }
    }
  }

  private static func sum(_ taps: Taps, of values: [UInt8], from start: Int, stride: Int) -> UInt8 {
    var sum = 1 << (bits - 1), index = start + taps.first * stride
    for weight in taps.weights {
      sum += weight * Int(values[index])
      index += stride
    }
    return UInt8(min(max(sum >> bits, 0), 255))
  }

  private static func taps(from size: Int, to count: Int) -> [Taps] {
    let scale = Double(size) / Double(count), stretch = max(scale, 1), share = 1 / stretch
    return (0..<count).map { place in
      let center = (Double(place) + 0.5) * scale, support = 2 * stretch
      let first = max(Int(center - support + 0.5), 0), end = min(Int(center + support + 0.5), size)
      let weights = (first..<max(end, first)).map { BicubicResizing.kernel((Double($0) - center + 0.5) * share) }
      let total = weights.reduce(0, +)
      return Taps(first: first, weights: weights.map { Int(($0 / total * Double(1 << bits)).rounded()) })
    }
  }
}
