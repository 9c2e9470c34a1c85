/// Resizes images by cubic interpolation with a filter that is as wide as the source pixels of a target pixel, or two
/// pixels to each side where images become larger (`torch.nn.functional.interpolate` with `mode="bicubic"`,
/// `antialias=True`; Keys 1981, with a = -0.5). The order of operations is in <doc:NumericsContract>.
public enum BicubicResizing {
  /// The share of each source place, from a first one on, in a target place.
  struct Taps: Sendable, Equatable {
    var first: Int
    var weights: [Float]
  }

  /// Resizes images, first along their rows, then along their columns.
  ///
  /// - Parameters:
  ///   - images: `[batch, channels, height, width]`.
  ///   - height: The height of the result, at least 1.
  ///   - width: The width of the result, at least 1.
  /// - Returns: `[batch, channels, height, width]`.
  /// - Throws: ``DiffusionError`` (`usage`) for a tensor of another rank or an empty size.
  public static func resized(_ images: Tensor<Float>, height: Int, width: Int) throws -> Tensor<Float> {
    guard images.shape.count == 4, images.shape.allSatisfy({ $0 > 0 }), height > 0, width > 0 else {
      throw DiffusionError(
        .usage,
        "images of shape \(images.shape) cannot be resized to \(width)x\(height): expected [batch, channels, height, "
          + "width] and a size of at least 1x1")
    }
    let planes = images.shape[0] * images.shape[1], (rows, columns) = (images.shape[2], images.shape[3])
    let across = taps(from: columns, to: width), down = taps(from: rows, to: height)
    var wide: [Float] = []
    wide.reserveCapacity(planes * rows * width)
    for row in 0..<planes * rows {
      for tap in across { wide.append(sum(tap, of: images.scalars, from: row * columns, stride: 1)) }
    }
    var result: [Float] = []
    result.reserveCapacity(planes * height * width)
    for plane in 0..<planes {
      for tap in down {
        for column in 0..<width {
          result.append(sum(tap, of: wide, from: plane * rows * width + column, stride: width))
        }
      }
    }
    return Tensor(unchecked: [images.shape[0], images.shape[1], height, width], result)
  }

  private static func sum(_ taps: Taps, of values: [Float], from start: Int, stride: Int) -> Float {
    var sum: Float = 0
    var index = start + taps.first * stride
    for weight in taps.weights {
      sum += weight * values[index]
      index += stride
    }
    return sum
  }

  /// The weights of a row of `count` places over one of `size`.
  static func taps(from size: Int, to count: Int) -> [Taps] {
    let scale = Double(size) / Double(count), stretch = max(scale, 1), support = 2 * stretch
    return (0..<count).map { place in
      let center = scale * (Double(place) + 0.5)
      let first = max(Int(center - support + 0.5), 0), end = min(Int(center + support + 0.5), size)
      let weights = (first..<max(end, first)).map { kernel((Double($0) - center + 0.5) / stretch) }
      let total = weights.reduce(0, +)
      return Taps(first: first, weights: weights.map { Float($0 / total) })
    }
  }

  /// Keys' cubic convolution kernel with a = -0.5.
  static func kernel(_ distance: Double) -> Double {
    let x = abs(distance)
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * -0.5 : 0
  }
}
