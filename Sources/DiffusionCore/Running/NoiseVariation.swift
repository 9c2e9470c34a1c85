/// A second seed whose noise is mixed into a run's initial noise: small strengths give variations of an image.
///
/// The initial noise becomes the spherical interpolation (Shoemake 1985, "Animating rotation with quaternion curves")
/// between the noise of the run's seeds and that of this one, separately for each image, so that it keeps the length
/// that the model expects: x = sin((1 - s) w) / sin w a + sin(s w) / sin w b, with w the angle between a and b. Noise
/// added by steps with eta > 0 is the run's own at every strength.
public struct NoiseVariation: Sendable, Equatable {
  /// The seed of the other noise. It is drawn like the run's own: by one generator for the whole batch, or, if the run
  /// has one for each image, by a new one with this seed for each.
  public var seed: Seed
  /// The fraction of the way: 0 (the run's noise, bit for bit) to 1 (the other noise, bit for bit).
  public var strength: Double

  /// Creates a variation.
  public init(seed: Seed, strength: Double) {
    self.seed = seed
    self.strength = strength
  }

  /// Interpolates noise towards other noise of the same shape, `[batch, ...]`; <doc:NoiseVariations> gives the details.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the shapes differ.
  package func applied(to noise: Tensor<Float>, towards other: Tensor<Float>) throws -> Tensor<Float> {
    guard noise.shape == other.shape, let batch = noise.shape.first else {
      throw DiffusionError(
        .usage, "the noise of variation_seed has shape \(other.shape): expected the run's, \(noise.shape)")
    }
    if strength == 0 || noise.count == 0 { return noise }
    if strength == 1 { return other }
    let each = noise.count / batch
    var result = noise.scalars
    for image in 0..<batch {
      let range = image * each..<(image + 1) * each
      let (keep, take) = weights(noise.scalars[range], other.scalars[range])
      for index in range {
        result[index] = Float(keep * Double(noise.scalars[index]) + take * Double(other.scalars[index]))
      }
    }
    return Tensor(unchecked: noise.shape, result)
  }

  /// The interpolation weights of two images' noise; linear where the sine of the angle is too small to divide by (one
  /// pixel, or the same seed).
  private func weights(_ first: ArraySlice<Float>, _ second: ArraySlice<Float>) -> (keep: Double, take: Double) {
    var (dot, firstSquares, secondSquares) = (0.0, 0.0, 0.0)
    for (a, b) in zip(first, second) {
      dot += Double(a) * Double(b)
      firstSquares += Double(a) * Double(a)
      secondSquares += Double(b) * Double(b)
    }
    let cosine = dot / (firstSquares.squareRoot() * secondSquares.squareRoot())
    let sineSquared = (1 - cosine) * (1 + cosine)
    guard sineSquared > 0x1p-40 else { return (1 - strength, strength) }
    let angle = DoubleMath.acos(cosine), sine = sineSquared.squareRoot()
    return (DoubleMath.sin((1 - strength) * angle) / sine, DoubleMath.sin(strength * angle) / sine)
  }
}

extension NoiseVariation {
  /// Applies the variation to the noise of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the other noise cannot be drawn.
  func applied(to noise: Tensor<Float>, of settings: RunSettings) throws -> Tensor<Float> {
    guard strength != 0 else { return noise }
    var other = settings
    other.seeds = settings.seeds.map { _ in seed }
    return try applied(to: noise, towards: NoiseSource(other).draw(noise.shape))
  }
}
