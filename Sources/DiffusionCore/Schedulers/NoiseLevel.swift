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

  /// The same level on the timesteps of another table.
  func at(timestep: Float) -> NoiseLevel { NoiseLevel(timestep, sigma, alphaCumprod, scale) }

  private init(_ timestep: Float, _ sigma: Float, _ alphaCumprod: Float, _ scale: Scale) {
    (self.timestep, self.sigma, self.alphaCumprod, self.scale) = (timestep, sigma, alphaCumprod, scale)
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

  /// The place in ``alphasCumprod`` with a ratio of noise to image, linearly interpolated in its logarithm, from 0 to
  /// the last place.
  func trainingTimestep(ofSigma sigma: Float) -> Float {
    func ratio(_ place: Int) -> Float { ((1 - alphasCumprod[place]) / alphasCumprod[place]).squareRoot() }
    guard var high = alphasCumprod.indices.last, sigma < ratio(high) else {
      return Float(max(0, alphasCumprod.count - 1))
    }
    guard sigma > ratio(0) else { return 0 }
    var low = 0
    while high - low > 1 {
      let middle = (low + high) / 2
      if ratio(middle) <= sigma { low = middle } else { high = middle }
    }
    let start = FloatMath.log(ratio(low)), share = (FloatMath.log(sigma) - start) / (FloatMath.log(ratio(high)) - start)
    return share.isFinite ? Float(low) + share : Float(low)
  }
}

/// The sigmas of a step before which noise may be added (the churn of algorithm 2 of Karras et al. 2022, arXiv
/// 2206.00364).
struct ChurnedSigma: Sendable {
  let sigma, next, sigmaHat: Float
  let gamma: Double
  /// The factor of fresh noise, apart from `sNoise`.
  private let noiseRoot: Float
  private let sNoise: Float

  /// - Parameters:
  ///   - sigma: The sigma of the sample.
  ///   - next: The sigma that the step leads to.
  ///   - steps: The number of steps that the churn is shared among.
  ///   - options: The churn.
  init(_ sigma: Float, to next: Float, steps: Int, _ options: SchedulerOptions) {
    (self.sigma, self.next) = (sigma, next)
    let adds = options.sTmin <= Double(sigma) && Double(sigma) <= options.sTmax
    gamma = adds ? min(options.sChurn / Double(steps), 2.0.squareRoot() - 1) : 0
    sigmaHat = sigma * Float(gamma + 1)
    noiseRoot = (sigmaHat * sigmaHat - sigma * sigma).squareRoot()
    sNoise = Float(options.sNoise)
  }

  var change: Float { next - sigmaHat }
  /// The standard deviation of the added noise.
  var noiseScale: Float { gamma > 0 ? noiseRoot * sNoise : 0 }

  /// The sample with fresh noise added.
  func sample(_ sample: [Float], _ noise: Tensor<Float>?) -> [Float] {
    guard let noise else { return sample }
    return zip(sample, noise.scalars).map { $0 + $1 * sNoise * noiseRoot }
  }
}

extension UpdateTerms.Operand {
  /// The sample with the churn's noise.
  static let noisySample = Self(.init("x\u{0302}_t", ascii: "xh_t"), "sample and fresh noise")
}
