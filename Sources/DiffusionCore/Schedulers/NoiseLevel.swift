/// The noise of a sample x_t, and the scale that it is on.
///
/// A run that branches passes from one scheduler to another at a noise level: the second one begins there
/// (``Scheduler/start(at:)``), with the sample on its own scale.
public struct NoiseLevel: Sendable, Equatable {
  /// The scale of a scheduler's samples.
  public enum Scale: Sendable {
    /// x_t = sqrt(alpha-bar) x_0 + sqrt(1 - alpha-bar) noise, as for DDPM: the variance stays near 1.
    case variancePreserving
    /// x_t = x_0 + sigma noise, as for Euler's method.
    case varianceExploding
    /// x_t = (1 - sigma) x_0 + sigma noise with sigma from 0 to 1, as for flow matching.
    case flow
  }

  /// The training timestep with this level; not always a whole number.
  public let timestep: Float
  /// The ratio of noise to image, sqrt((1 - alpha-bar) / alpha-bar).
  public let sigma: Float
  /// alpha-bar, the share of the image in the variance; for a scheduler over sigmas, 1 / (sigma^2 + 1).
  public let alphaCumprod: Float
  /// The scale of the sample.
  public let scale: Scale

  /// Creates a level of a scheduler over alpha-bars.
  public init(timestep: Float, alphaCumprod: Float) {
    (self.timestep, self.alphaCumprod, scale) = (timestep, alphaCumprod, .variancePreserving)
    sigma = ((1 - alphaCumprod) / alphaCumprod).squareRoot()
  }

  /// Creates a level of a scheduler over sigmas.
  ///
  /// - Parameters:
  ///   - timestep: The training timestep.
  ///   - sigma: The ratio of noise to image.
  ///   - scale: The scale of its samples.
  public init(timestep: Float, sigma: Float, scale: Scale = .varianceExploding) {
    (self.timestep, self.sigma, self.scale) = (timestep, sigma, scale)
    alphaCumprod = 1 / (sigma * sigma + 1)
  }

  /// A sample at this level on another scale; <doc:NumericsContract> gives the operations.
  public func rescaled(_ sample: Tensor<Float>, to other: Scale) -> Tensor<Float> {
    let divisor: Float
    switch (scale, other) {
    case (.variancePreserving, .variancePreserving), (.varianceExploding, .varianceExploding), (.flow, .flow):
      return sample
    case (.variancePreserving, .varianceExploding): divisor = alphaCumprod.squareRoot()
    case (.varianceExploding, .variancePreserving): divisor = (sigma * sigma + 1).squareRoot()
    case (.flow, .varianceExploding): divisor = 1 / (sigma + 1)
    case (.flow, .variancePreserving): divisor = (sigma * sigma + 1).squareRoot() / (sigma + 1)
    case (.varianceExploding, .flow): divisor = sigma + 1
    case (.variancePreserving, .flow): divisor = alphaCumprod.squareRoot() * (sigma + 1)
    }
    return sample.map { $0 / divisor }
  }
}

extension Scheduler {
  /// A noise level with this scheduler's own training timestep of about as much noise, for a level of a scheduler that
  /// has none.
  func level(like level: NoiseLevel) -> NoiseLevel {
    let nearest = alphasCumprod.indices.min {
      (alphasCumprod[$0] - level.alphaCumprod).magnitude < (alphasCumprod[$1] - level.alphaCumprod).magnitude
    }
    return NoiseLevel(timestep: Float(nearest ?? 0), sigma: level.sigma, scale: level.scale)
  }

  /// Variance preserving.
  public var scale: NoiseLevel.Scale { .variancePreserving }

  /// The alpha-bar of the step's timestep.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    let timestep = try timestep(at: step)
    return NoiseLevel(timestep: timestep, alphaCumprod: try alphaCumprod(at: timestep))
  }

  /// The timesteps below a noise level, with one at the level itself in front of them.
  func wholeTimesteps(from level: NoiseLevel) -> [Float] {
    let timestep = wholeTimestep(of: level)
    return [timestep] + timesteps.filter { $0 < timestep }
  }

  /// The timestep to start at: a level's own if it is one of the run's, otherwise the nearest whole one.
  func wholeTimestep(of level: NoiseLevel) -> Float {
    if timesteps.contains(level.timestep) { return level.timestep }
    return clamp(level.timestep.rounded(.toNearestOrEven), 0, Float(max(0, alphasCumprod.count - 1)))
  }
}
