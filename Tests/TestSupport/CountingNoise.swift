import DiffusionCore

/// Noise that differs from draw to draw and counts the draws, in place of a generator.
public final class CountingNoise {
  /// The number of tensors drawn.
  public private(set) var draws = 0

  /// Creates a source with no draws.
  public init() {}

  /// Draws numbers from -3 to 3.
  public func draw(_ shape: [Int]) -> Tensor<Float> {
    draws += 1
    var state = UInt32(truncatingIfNeeded: draws &* 40_503)
    let scalars = (0..<shape.reduce(1, *)).map { _ in
      state = state &* 1_664_525 &+ 1_013_904_223
      return Float(state >> 8) / Float(1 << 24) * 6 - 3
    }
    return Tensor(unchecked: shape, scalars)
  }

  /// This source, for a run.
  package var source: NoiseSource { NoiseSource { self.draw($0) } }
}
