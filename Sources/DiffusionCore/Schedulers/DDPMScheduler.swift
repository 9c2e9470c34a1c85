/// The configuration of a ``DDPMScheduler`` (`DDPMScheduler.__init__` of diffusers 0.42.1).
public struct DDPMSchedulerConfig: BetaConfiguration, LimitsConfiguration {
  /// The variance of the noise that a step adds (`variance_type`).
  public enum VarianceType: String, Sendable, CaseIterable {
    /// The variance of the posterior, formula 7 of the paper.
    case fixedSmall = "fixed_small"
    /// The same computed through its logarithm (Janner et al. 2022, arXiv 2205.09991).
    case fixedSmallLog = "fixed_small_log"
    /// beta.
    case fixedLarge = "fixed_large"
    /// The logarithm of beta in place of beta, whose square root is NaN, as in Diffusers.
    case fixedLargeLog = "fixed_large_log"
    /// The second half of the model's output channels.
    case learned
    /// Between the logarithms of the smallest and the largest variance, as the model predicts (Nichol & Dhariwal 2021,
    /// arXiv 2102.09672).
    case learnedRange = "learned_range"
  }

  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta.
  public var betaStart = 0.0001
  /// The last beta.
  public var betaEnd = 0.02
  /// How betas grow.
  public var betaSchedule = BetaSchedule.linear
  /// Betas that replace a schedule, one for each training timestep.
  public var trainedBetas: [Double]?
  /// The variance of the noise that a step adds.
  public var varianceType = VarianceType.fixedSmall
  /// Whether the predicted original sample is clipped to `clipSampleRange`; thresholding takes precedence.
  public var clipSample = true
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest magnitude after clipping.
  public var clipSampleRange = 1.0
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.leading
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// Whether betas are rescaled so that the last product of alphas is 0.
  public var rescaleBetasZeroSnr = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DDPMSchedulerConfig>] =
    betaOptions([.linear, .scaledLinear, .squaredcosCapV2, .sigmoid, .laplace]) + limitsOptions + [
      .name("variance_type", \.varianceType, nullIs: .fixedSmall),
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias),
      .name("timestep_spacing", \.timestepSpacing), .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try limits.validate()
  }

  /// Whether the model predicts the variance, in a second half of its channels.
  var learnsVariance: Bool { varianceType == .learned || varianceType == .learnedRange }
}

/// Denoising diffusion probabilistic models (Ho et al. 2020, arXiv 2006.11239), as `diffusers.DDPMScheduler` 0.42.1.
///
/// Each step draws noise, except one at timestep 0 or below.
public struct DDPMScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "DDPMScheduler"
  /// The name on the command line.
  public static let shortName = "ddpm"

  /// The configuration.
  public let config: DDPMSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DDPMSchedulerConfig = DDPMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: config.rescaleBetasZeroSnr))
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, 1 to `numTrainTimesteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is out of range.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: config.numTrainTimesteps)
    timesteps = config.timestepSpacing.timesteps(
      numInferenceSteps, of: config.numTrainTimesteps, stepsOffset: config.stepsOffset
    ).map(Float.init)
  }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    timesteps = wholeTimesteps(from: level)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    try Coefficients(self, at: step).terms
  }

  /// The coefficients of a step, the same for every element, in the order `DDPMScheduler.step` of Diffusers computes
  /// them (formulas 6 and 7 of the paper).
  private struct Coefficients {
    let timestep, alphaProd, alphaProdPrev: Float
    let currentBeta: Float
    /// The factors of x_0 and of x_t.
    let original, sample: Float
    /// The variance of the posterior, at least 1e-20.
    let variance: Float
    private let varianceType: DDPMSchedulerConfig.VarianceType

    init(_ scheduler: DDPMScheduler, at step: Int) throws {
      timestep = try scheduler.timestep(at: step)
      // Diffusers looks the timestep up in the list, and takes the one after its first occurrence.
      let place = scheduler.timesteps.firstIndex(of: timestep) ?? step
      let previous = place + 1 < scheduler.timesteps.count ? scheduler.timesteps[place + 1] : -1
      alphaProd = try scheduler.alphaCumprod(at: timestep)
      alphaProdPrev = try previous >= 0 ? scheduler.alphaCumprod(at: previous) : 1
      let betaProd = 1 - alphaProd, betaProdPrev = 1 - alphaProdPrev
      let currentAlpha = alphaProd / alphaProdPrev
      currentBeta = 1 - currentAlpha
      original = (alphaProdPrev.squareRoot() * currentBeta) / betaProd
      sample = currentAlpha.squareRoot() * betaProdPrev / betaProd
      variance = clamp(betaProdPrev / betaProd * currentBeta, 1e-20, .infinity)
      varianceType = scheduler.config.varianceType
    }

    /// The factor of the noise for every element; nil if the model predicts it for each.
    var sigma: Float? {
      guard timestep > 0 else { return 0 }
      switch varianceType {
      case .fixedSmall: return variance.squareRoot()
      case .fixedSmallLog: return FloatMath.exp(0.5 * FloatMath.log(variance))
      case .fixedLarge: return currentBeta.squareRoot()
      case .fixedLargeLog: return FloatMath.log(currentBeta).squareRoot()
      case .learned, .learnedRange: return nil
      }
    }

    /// The factor of the noise for an element, from the model's prediction.
    func sigma(of predicted: Float) -> Float {
      guard varianceType == .learnedRange else { return predicted.squareRoot() }
      let share = (predicted + 1) / 2
      return FloatMath.exp(0.5 * (share * FloatMath.log(currentBeta) + (1 - share) * FloatMath.log(variance)))
    }

    /// The terms of the step. If the model predicts the variance of each element, the smallest stands for all.
    var terms: UpdateTerms {
      let sigma = sigma ?? variance.squareRoot()
      return UpdateTerms(
        timestep: timestep, alphaCumprod: alphaProd, alphaCumprodPrev: alphaProdPrev, sigma: sigma,
        terms: [
          .init(
            .init("\u{221A}\u{03B1}_prev \u{03B2}/(1\u{2212}\u{03B1})", ascii: "sqrt(a_prev) b/(1 - a)"), original,
            .predOriginalSample),
          .init(
            .init(
              "\u{221A}(1\u{2212}\u{03B2}) (1\u{2212}\u{03B1}_prev)/(1\u{2212}\u{03B1})",
              ascii: "sqrt(1 - b) (1 - a_prev)/(1 - a)"), sample, .sample),
          .init(.sigma, sigma, .noise),
        ],
        quantities: [
          .init(.alpha, "alpha-bar", alphaProd), .init(.alphaPrev, "alpha-bar after", alphaProdPrev),
          .init(.init("\u{03B2}", ascii: "b"), "beta", currentBeta), .init(.sigma, "sigma", sigma),
        ])
    }
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let coefficients = try Coefficients(self, at: step)
    let (prediction, variances) = try Self.split(
      modelOutput, like: sample, learns: config.learnsVariance ? config.varianceType : nil)
    let alpha = coefficients.alphaProd
    var (original, epsilon) = config.predictionType.split(
      prediction, sample.scalars, rootAlpha: alpha.squareRoot(), rootBeta: (1 - alpha).squareRoot())
    original = config.limits.applied(to: original, shape: sample.shape)
    if config.predictionType == .epsilon { epsilon = prediction }

    var previous = [Float](repeating: 0, count: original.count)
    for index in previous.indices {
      previous[index] = coefficients.original * original[index] + coefficients.sample * sample.scalars[index]
    }
    var drawn: Tensor<Float>?
    if coefficients.timestep > 0 {
      let noise = try noise()
      try Self.check("variance noise", noise, like: sample)
      for index in previous.indices {
        let sigma = coefficients.sigma ?? coefficients.sigma(of: variances?[index] ?? .nan)
        previous[index] += sigma * noise.scalars[index]
      }
      drawn = noise
    }
    return SchedulerOutput(
      prevSample: Tensor(unchecked: sample.shape, previous),
      predOriginalSample: Tensor(unchecked: sample.shape, original),
      predEpsilon: Tensor(unchecked: sample.shape, epsilon), varianceNoise: drawn)
  }

  /// The prediction and, if the model has twice the sample's channels, the predicted variance.
  ///
  /// - Parameter type: The variance that the model predicts; nil for none.
  static func split(
    _ modelOutput: Tensor<Float>, like sample: Tensor<Float>, learns type: DDPMSchedulerConfig.VarianceType?
  ) throws -> (prediction: [Float], variances: [Float]?) {
    guard let type else {
      try check("model output", modelOutput, like: sample)
      return (modelOutput.scalars, nil)
    }
    var doubled = sample.shape
    if doubled.count > 1 { doubled[1] *= 2 }
    guard modelOutput.shape == doubled, let batch = sample.shape.first, batch > 0 else {
      throw DiffusionError(
        .usage,
        "the model output has shape \(modelOutput.shape): variance_type \(type.rawValue) expects \(doubled); "
          + "choose a fixed variance_type for this model")
    }
    let each = sample.count / batch
    var halves: (prediction: [Float], variances: [Float]) = ([], [])
    for image in 0..<batch {
      let start = 2 * image * each
      halves.prediction += modelOutput.scalars[start..<start + each]
      halves.variances += modelOutput.scalars[start + each..<start + 2 * each]
    }
    return (halves.prediction, halves.variances)
  }
}
