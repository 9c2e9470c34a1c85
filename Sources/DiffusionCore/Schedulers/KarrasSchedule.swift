/// A configuration of a scheduler whose sigmas are chosen by their ends, not from betas (EDM, Karras et al. 2022, arXiv
/// 2206.00364).
public protocol KarrasConfiguration: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  var numTrainTimesteps: Int { get set }
  /// The smallest sigma, at least 0.
  var sigmaMin: Double { get set }
  /// The largest sigma, at least 0.
  var sigmaMax: Double { get set }
  /// The standard deviation of the images that the model was trained on.
  var sigmaData: Double { get set }
  /// The root in which sigmas are evenly spaced, not 0.
  var rho: Double { get set }
}

extension KarrasConfiguration {
  /// The options of the sigmas.
  static var karrasOptions: [ConfigurationOption<Self>] {
    [
      .int("num_train_timesteps", \.numTrainTimesteps), .double("sigma_min", \.sigmaMin),
      .double("sigma_max", \.sigmaMax), .double("sigma_data", \.sigmaData), .double("rho", \.rho),
    ]
  }

  /// The rho-th roots of the largest and the smallest sigma.
  var roots: (high: Double, low: Double) { (DoubleMath.pow(sigmaMax, 1 / rho), DoubleMath.pow(sigmaMin, 1 / rho)) }

  /// The sigma at a share of the way from the largest to the smallest, even in its rho-th root.
  func sigma(at share: Double) -> Double {
    let (high, low) = roots
    return DoubleMath.pow(high + share * (low - high), rho)
  }

  /// Checks the options of the sigmas.
  ///
  /// - Throws: As ``SchedulerConfiguration/validate()``.
  func validateKarras() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    for (name, sigma) in [("sigma_min", sigmaMin), ("sigma_max", sigmaMax)] where !(sigma >= 0 && sigma.isFinite) {
      throw DiffusionError(.badData, "\(name) is \(sigma): expected a number of at least 0")
    }
    guard sigmaData.isFinite else {
      throw DiffusionError(.badData, "sigma_data is \(sigmaData): expected a number")
    }
    guard rho != 0, rho.isFinite, rho > 0 || (sigmaMin > 0 && sigmaMax > 0) else {
      throw DiffusionError(.badData, "rho is \(rho): expected a number above 0")
    }
  }
}

/// How the sigmas of EDM are spaced (`sigma_schedule`).
public enum EDMSigmaSchedule: String, Sendable, Hashable, CaseIterable {
  /// Evenly in their rho-th roots.
  case karras
  /// Evenly in their logarithms.
  case exponential
}

/// A configuration of a scheduler for models with EDM's preconditioning.
public protocol EDMConfiguration: KarrasConfiguration {
  /// How sigmas are spaced.
  var sigmaSchedule: EDMSigmaSchedule { get set }
  /// What the model's output means: `epsilon` or `v_prediction`, which differ in sign alone.
  var predictionType: PredictionType { get set }
  /// The sigma that the last step leads to.
  var finalSigmasType: EulerDiscreteSchedulerConfig.FinalSigma { get set }
}

extension EDMConfiguration {
  /// The options of the sigmas and the preconditioning.
  static var edmOptions: [ConfigurationOption<Self>] {
    karrasOptions + [
      .name("sigma_schedule", \.sigmaSchedule),
      .name("prediction_type", \.predictionType, among: [.epsilon, .vPrediction]),
      .name("final_sigmas_type", \.finalSigmasType),
    ]
  }

  /// Checks the options of the sigmas.
  ///
  /// - Throws: As ``SchedulerConfiguration/validate()``.
  func validateEDM() throws {
    try validateKarras()
    guard sigmaSchedule != .exponential || (sigmaMin > 0 && sigmaMax > 0) else {
      throw DiffusionError(
        .badData,
        "sigma_schedule is exponential: expected sigma_min and sigma_max above 0, found \(sigmaMin) and "
          + "\(sigmaMax)")
    }
  }

  /// Evenly spaced logarithms, from the largest sigma, all in binary32.
  func exponentialSigmas(_ count: Int) -> [Float] {
    NoiseSchedule.linspace(Float(DoubleMath.log(sigmaMin)), Float(DoubleMath.log(sigmaMax)), count: count)
      .reversed().map(FloatMath.exp)
  }

  /// alpha-bar of the sigmas of training, from the smallest.
  var trainingAlphas: [Float] {
    let last = Double(max(1, numTrainTimesteps - 1))
    let sigmas =
      sigmaSchedule == .karras
      ? (0..<numTrainTimesteps).map { Float(sigma(at: Double($0) / last)) } : exponentialSigmas(numTrainTimesteps)
    return sigmas.reversed().map { 1 / ($0 * $0 + 1) }
  }
}

/// A scheduler for models with EDM's preconditioning: the image is a sum of the sample and the model's output, whose
/// weights depend on sigma. Timesteps are quarters of the logarithms of sigma.
public protocol EDMScheduler: VarianceExplodingScheduler where Configuration: EDMConfiguration {}

extension EDMScheduler {
  /// Timesteps are quarters of the logarithms of sigma.
  public static var tells: NoiseTold { .logarithm }

  /// sqrt(sigma_max^2 + 1).
  public var initNoiseSigma: Float { Float((config.sigmaMax * config.sigmaMax + 1).squareRoot()) }

  /// The sample times 1 / sqrt(sigma^2 + sigma_data^2).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    let factor = 1 / (sigmas[step] * sigmas[step] + Float(config.sigmaData * config.sigmaData)).squareRoot()
    return sample.map { $0 * factor }
  }

  /// The timestep that the model receives for a sigma.
  static func modelTimestep(of sigma: Float) -> Float { 0.25 * FloatMath.log(sigma) }

  /// The image that a model's output predicts in a sample (`precondition_outputs`).
  func denoised(_ sample: [Float], _ modelOutput: [Float], sigma: Float) -> [Float] {
    let variance = Float(config.sigmaData * config.sigmaData), sum = sigma * sigma + variance
    let skip = (1 / sum) * variance, sign: Float = config.predictionType == .vPrediction ? -sigma : sigma
    let out = sign * Float(config.sigmaData) / sum.squareRoot()
    return zip(sample, modelOutput).map { skip * $0 + out * $1 }
  }
}
