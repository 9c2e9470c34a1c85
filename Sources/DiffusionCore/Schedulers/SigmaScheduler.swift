/// A configuration of a scheduler that steps over sigmas.
public protocol SigmaConfiguration: BetaConfiguration {
  /// How the timesteps of a run are chosen.
  var timestepSpacing: TimestepSpacing { get set }
}

extension SigmaConfiguration {
  /// The timesteps by `timestep_spacing`: whole numbers, except for `linspace`, which Diffusers does not round here.
  ///
  /// - Parameter isRounded: Whether those are rounded to binary32, as in most classes.
  func evenTimesteps(_ count: Int, isRounded: Bool = true) -> [Double] {
    guard timestepSpacing == .linspace else {
      return timestepSpacing.timesteps(count, of: numTrainTimesteps, stepsOffset: stepsOffset).map(Double.init)
    }
    return SigmaSchedule.linspace(0, Double(numTrainTimesteps - 1), count: count).reversed().map {
      isRounded ? Double(Float($0)) : $0
    }
  }
}

/// A configuration of a scheduler whose sigmas may be respaced.
public protocol RespacedConfiguration: SchedulerConfiguration {
  /// Whether sigmas are evenly spaced in their seventh roots.
  var useKarrasSigmas: Bool { get set }
  /// Whether sigmas are evenly spaced in their logarithms.
  var useExponentialSigmas: Bool { get set }
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  var useBetaSigmas: Bool { get set }
  /// The ends of respaced sigmas (`sigma_min`, `sigma_max`), which the file of another class may have.
  var inheritedSigmas: InheritedSigmas { get set }
}

/// The ends of respaced sigmas.
public struct InheritedSigmas: Sendable, Equatable {
  /// The smallest; nil for that of the last timestep.
  public var min: Double?
  /// The largest; nil for that of the first timestep.
  public var max: Double?

  /// Creates ends; those of the timesteps by default.
  public init(min: Double? = nil, max: Double? = nil) { (self.min, self.max) = (min, max) }
}

extension RespacedConfiguration {
  /// The ends of the sigmas.
  public static var inheritedOptions: [ConfigurationOption<Self>] {
    [.optionalDouble("sigma_min", \.inheritedSigmas.min), .optionalDouble("sigma_max", \.inheritedSigmas.max)]
  }

  /// The options of the respacing.
  static var respacingOptions: [ConfigurationOption<Self>] {
    [
      .bool("use_karras_sigmas", \.useKarrasSigmas),
      .bool("use_exponential_sigmas", \.useExponentialSigmas),
      .bool("use_beta_sigmas", \.useBetaSigmas),
    ]
  }

  var spacing: SigmaSchedule.Spacing {
    useKarrasSigmas ? .karras : useExponentialSigmas ? .exponential : useBetaSigmas ? .beta : .timesteps
  }

  /// Checks that at most one spacing is chosen.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the options.
  func validateSpacing() throws {
    let uses = [
      ("use_beta_sigmas", useBetaSigmas), ("use_exponential_sigmas", useExponentialSigmas),
      ("use_karras_sigmas", useKarrasSigmas),
    ]
    let chosen = uses.filter(\.1).map(\.0)
    guard chosen.count <= 1 else {
      throw DiffusionError(.badData, "\(chosen.joined(separator: " and ")) are true: expected at most one of them")
    }
  }
}

/// A configuration of a scheduler over the sigmas of betas that may be respaced.
public protocol RespacedSigmaConfiguration: SigmaConfiguration, RespacedConfiguration {}

extension RespacedSigmaConfiguration {
  /// The options of the spacing.
  static var sigmaOptions: [ConfigurationOption<Self>] {
    respacingOptions + [.name("timestep_spacing", \.timestepSpacing)]
  }

  /// The timesteps and the sigmas of a run, from large to small, with the spacing that is chosen.
  ///
  /// - Parameters:
  ///   - count: The number of steps.
  ///   - schedule: The sigmas of training.
  ///   - inherits: Whether the ends of respaced sigmas may be those of another class's file.
  ///   - roundsTimesteps: Whether timesteps that are not whole are rounded to binary32.
  /// - Throws: ``DiffusionError`` (`usage`) for a sigma that the spacing cannot use.
  func steps(
    _ count: Int, of schedule: SigmaSchedule, inherits: Bool = true, roundsTimesteps: Bool = true
  ) throws -> (timesteps: [Double], sigmas: [Double]) {
    let timesteps = evenTimesteps(count, isRounded: roundsTimesteps), sigmas = schedule.interpolated(at: timesteps)
    guard spacing != .timesteps else { return (timesteps, sigmas) }
    let ends = inherits ? inheritedSigmas : InheritedSigmas()
    let respaced = try schedule.respaced(sigmas, spacing, range: (ends.min, ends.max), count: count)
    return (respaced.map(schedule.timestep), respaced)
  }
}

/// A scheduler whose samples are the image plus sigma times noise.
public protocol VarianceExplodingScheduler: Scheduler {
  /// The noise level of each step, followed by the one that the last step leads to.
  var sigmas: [Float] { get }
}

extension VarianceExplodingScheduler {
  /// Variance exploding.
  public var scale: NoiseLevel.Scale { .varianceExploding }

  /// The sigma of the step.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    let timestep = try timestep(at: step), sigma = sigmas[step]
    return NoiseLevel(
      timestep: Self.hasTrainingTimesteps ? timestep : trainingTimestep(ofSigma: sigma), sigma: sigma)
  }

  /// The steps below a level, with one at the level itself in front of them.
  func steps(from level: NoiseLevel) -> (timesteps: [Float], sigmas: [Float]) {
    SigmaSchedule.cut(timesteps, sigmas, at: level.sigma, level.timestep)
  }

  /// The image plus sigma times noise.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try noisy(originalSamples, noise, try timesteps.map { sigmas[try index(ofTimestep: $0)] })
  }

  /// The image plus the step's sigma times noise: timesteps may repeat.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    return try noisy(originalSamples, noise, [sigmas[step]])
  }

  private func noisy(_ sample: Tensor<Float>, _ noise: Tensor<Float>, _ levels: [Float]) throws -> Tensor<Float> {
    let indices = try Self.timestepIndices(of: levels.count, sample, noise)
    var result = sample.scalars
    for index in result.indices { result[index] += noise.scalars[index] * levels[indices(index)] }
    return Tensor(unchecked: sample.shape, result)
  }

  /// The share of the image in x_t, in variance, at a sigma.
  static func alphaCumprod(of sigma: Float) -> Float { 1 / (sigma * sigma + 1) }
}

/// A scheduler over the sigmas of betas: x_t is the image plus sigma times noise, which the model sees divided by
/// sqrt(sigma^2 + 1).
public protocol SigmaScheduler: VarianceExplodingScheduler where Configuration: SigmaConfiguration {}

extension SigmaScheduler {
  /// The largest sigma; for `leading` spacing, whose first timestep is not the noisiest, sqrt(sigma^2 + 1).
  public var initNoiseSigma: Float {
    let largest = sigmas.max() ?? 1
    return config.timestepSpacing == .leading ? (largest * largest + 1).squareRoot() : largest
  }

  /// The sample divided by sqrt(sigma^2 + 1).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    let divisor = (sigmas[step] * sigmas[step] + 1).squareRoot()
    return sample.map { $0 / divisor }
  }
}

extension PredictionType {
  /// The original sample that a model's output predicts in a sample at a sigma (`pred_original_sample`).
  func original(in sample: [Float], _ modelOutput: [Float], sigma: Float, noiseLevel: Float) -> [Float] {
    switch self {
    case .sample, .originalSample: return modelOutput
    case .epsilon: return zip(sample, modelOutput).map { $0 - noiseLevel * $1 }
    case .vPrediction:
      let square = sigma * sigma + 1, factor = -sigma / square.squareRoot()
      return zip(sample, modelOutput).map { $1 * factor + $0 / square }
    }
  }
}
