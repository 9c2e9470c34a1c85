/// The configuration of an ``EulerDiscreteScheduler`` (`EulerDiscreteScheduler.__init__` of diffusers 0.42.1).
public struct EulerDiscreteSchedulerConfig: RespacedSigmaConfiguration {
  /// How the sigmas of a run are interpolated from those of training (`interpolation_type`).
  public enum InterpolationType: String, Sendable, CaseIterable {
    /// By timestep.
    case linear
    /// Evenly spaced in their logarithms.
    case logLinear = "log_linear"
  }

  /// The form in which the model receives the noise level (`timestep_type`).
  public enum TimestepType: String, Sendable, CaseIterable {
    /// A training timestep.
    case discrete
    /// A quarter of the logarithm of sigma, for models that predict velocities.
    case continuous
  }

  /// The sigma that the last step leads to (`final_sigmas_type`).
  public enum FinalSigma: String, Sendable, CaseIterable {
    /// 0.
    case zero
    /// The smallest sigma of training.
    case sigmaMin = "sigma_min"
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
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// How the sigmas of a run are interpolated from those of training.
  public var interpolationType = InterpolationType.linear
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The smallest sigma when they are respaced; nil for that of the last timestep.
  public var sigmaMin: Double?
  /// The largest sigma when they are respaced; nil for that of the first timestep.
  public var sigmaMax: Double?
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// The form in which the model receives the noise level.
  public var timestepType = TimestepType.discrete
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// Whether betas are rescaled so that the last product of alphas is nearly 0.
  public var rescaleBetasZeroSnr = false
  /// The sigma that the last step leads to.
  public var finalSigmasType = FinalSigma.zero

  /// Its own ends of respaced sigmas.
  public var inheritedSigmas: InheritedSigmas {
    get { InheritedSigmas(min: sigmaMin, max: sigmaMax) }
    set { (sigmaMin, sigmaMax) = (newValue.min, newValue.max) }
  }

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<EulerDiscreteSchedulerConfig>] =
    betaOptions() + sigmaOptions + [
      .name("prediction_type", \.predictionType), .name("interpolation_type", \.interpolationType),
      .optionalDouble("sigma_min", \.sigmaMin), .optionalDouble("sigma_max", \.sigmaMax),
      .name("timestep_type", \.timestepType), .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
      .name("final_sigmas_type", \.finalSigmasType),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try validateSpacing()
    for (name, sigma) in [("sigma_min", sigmaMin), ("sigma_max", sigmaMax)] {
      guard let sigma, !(sigma >= 0 && sigma.isFinite) else { continue }
      throw DiffusionError(
        .badData, "\(name) is \(sigma): expected a number of at least 0, or null")
    }
  }
}

/// Euler's method over sigmas (algorithm 2 of Karras et al. 2022, arXiv 2206.00364), as
/// `diffusers.EulerDiscreteScheduler` 0.42.1.
///
/// x_t here is the image plus sigma times noise; the model sees it divided by sqrt(sigma^2 + 1).
public struct EulerDiscreteScheduler: SigmaScheduler {
  /// The class in Diffusers.
  public static let className = "EulerDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "euler"
  /// The noise that may be added before a step.
  public static let stepOptions: [ConfigurationOption<SchedulerOptions>] = [
    .double("s_churn", \.sChurn), .double("s_tmin", \.sTmin), .double("s_tmax", \.sTmax),
    .double("s_noise", \.sNoise),
  ]

  /// The configuration.
  public let config: EulerDiscreteSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The noise level of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SigmaSchedule
  /// The number of steps that the churn is shared among: those of the whole schedule, also where it is cut.
  private var churnedSteps: Int

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: EulerDiscreteSchedulerConfig = EulerDiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config, rescaledToZeroSNR: config.rescaleBetasZeroSnr)
    alphasCumprod = schedule.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
    sigmas = schedule.training.reversed() + [0]
    churnedSteps = timesteps.count
    useContinuousTimesteps()
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, at least 1.
  /// - Throws: ``DiffusionError`` (`usage`) if it is less.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    var timesteps = config.evenTimesteps(numInferenceSteps)
    var chosen =
      config.interpolationType == .linear
      ? schedule.interpolated(at: timesteps) : schedule.logLinear(count: numInferenceSteps + 1)
    if config.spacing != .timesteps {
      chosen = try schedule.respaced(
        chosen, config.spacing, range: (config.sigmaMin, config.sigmaMax), count: numInferenceSteps)
      timesteps = chosen.map(schedule.timestep)
    }
    let last = config.finalSigmasType == .zero ? 0 : schedule.training[0]
    sigmas = chosen.map { Float($0) } + [last]
    self.timesteps = timesteps.map { Float($0) }
    churnedSteps = sigmas.count - 1
    useContinuousTimesteps()
  }

  /// The sigma of the step. Continuous timesteps are made of the sigma, so its training timestep is looked up.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    let timestep = try timestep(at: step), sigma = sigmas[step]
    return NoiseLevel(
      timestep: hasContinuousTimesteps ? Float(schedule.timestep(of: Double(sigma))) : timestep, sigma: sigma)
  }

  /// Cuts the sigmas below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    useContinuousTimesteps()
  }

  private var hasContinuousTimesteps: Bool {
    config.timestepType == .continuous && config.predictionType == .vPrediction
  }

  private mutating func useContinuousTimesteps() {
    guard hasContinuousTimesteps else { return }
    timesteps = sigmas.dropLast().map { 0.25 * FloatMath.log($0) }
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let levels = try levels(at: step, options)
    let change = UpdateTerms.Symbol(
      "(\u{03C3}_prev\u{2212}\u{03C3})", ascii: "(sigma_prev - sigma)")
    return UpdateTerms(
      timestep: timesteps[step], place: try noiseLevel(at: step).timestep,
      alphaCumprod: Self.alphaCumprod(of: levels.sigma), alphaCumprodPrev: Self.alphaCumprod(of: levels.next),
      sigma: levels.noiseScale,
      terms: [
        .init(.init(""), 1, levels.gamma > 0 ? .noisySample : .sample),
        .init(change, levels.change, .derivative),
      ],
      quantities: [
        .init(.sigma, "sigma", levels.sigmaHat), .init(.sigmaPrev, "sigma after", levels.next),
      ])
  }

  private func levels(at step: Int, _ options: SchedulerOptions) throws -> ChurnedSigma {
    _ = try timestep(at: step)
    return ChurnedSigma(sigmas[step], to: sigmas[step + 1], steps: churnedSteps, options)
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let levels = try levels(at: step, options)
    try Self.check("model output", modelOutput, like: sample)
    let drawn = levels.gamma > 0 ? try noise() : nil
    if let drawn { try Self.check("variance noise", drawn, like: sample) }
    let start = levels.sample(sample.scalars, drawn)
    let original = config.predictionType.original(
      in: start, modelOutput.scalars, sigma: levels.sigma, noiseLevel: levels.sigmaHat)
    let derivative = zip(start, original).map { ($0 - $1) / levels.sigmaHat }
    let previous = zip(start, derivative).map { $0 + $1 * levels.change }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    var operands = [UpdateTerms.Operand.derivative: tensor(derivative)]
    if drawn != nil { operands[.noisySample] = tensor(start) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original),
      predEpsilon: tensor(derivative),
      varianceNoise: drawn, operands: operands)
  }
}
