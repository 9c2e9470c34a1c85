/// The configuration of a ``DDIMInverseScheduler`` (`DDIMInverseScheduler.__init__` of diffusers 0.42.1).
public struct DDIMInverseSchedulerConfig: BetaConfiguration {
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
  /// Whether the predicted original sample is clipped to `clipSampleRange`.
  public var clipSample = true
  /// Whether the product of alphas before the first timestep is 1; otherwise it is that of timestep 0.
  public var setAlphaToOne = true
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// The largest magnitude after clipping.
  public var clipSampleRange = 1.0
  /// How the timesteps of a run are chosen: `leading` or `trailing`.
  public var timestepSpacing = TimestepSpacing.leading
  /// Whether betas are rescaled so that the last product of alphas is 0.
  public var rescaleBetasZeroSnr = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DDIMInverseSchedulerConfig>] =
    betaOptions() + [
      .bool("clip_sample", \.clipSample), .bool("set_alpha_to_one", \.setAlphaToOne),
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias),
      .double("clip_sample_range", \.clipSampleRange), .name("timestep_spacing", \.timestepSpacing),
      .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
    ]

  /// Checks every option.
  public func validate() throws { try validateBetas() }
}

/// DDIM from an image to its noise (Song et al. 2020, arXiv 2010.02502, section 4.3), as
/// `diffusers.DDIMInverseScheduler` 0.42.1: the steps of ``DDIMScheduler`` in the other direction, without noise.
///
/// The model is called at the timestep that a step leads to, where DDIM calls it on the way back.
public struct DDIMInverseScheduler: InverseScheduler {
  /// The class in Diffusers.
  public static let className = "DDIMInverseScheduler"
  /// The name on the command line.
  public static let shortName = "ddim-inverse"
  /// DDIM.
  public static let reversedClass = DDIMScheduler.className

  /// The configuration.
  public let config: DDIMInverseSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The product before the first timestep.
  public let initialAlphaCumprod: Float
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// How far a step goes, in training timesteps; nil before ``setTimesteps(_:)``.
  private var stride: Int?
  /// Where the first step starts if not a stride below its timestep; see ``start(at:)``.
  private var first: Float?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DDIMInverseSchedulerConfig = DDIMInverseSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: config.rescaleBetasZeroSnr))
    initialAlphaCumprod = config.setAlphaToOne ? 1 : alphasCumprod[0]
    timesteps = (0..<config.numTrainTimesteps).map(Float.init)
  }

  /// Chooses the timesteps of a run, from low to high.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, 1 to `numTrainTimesteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is out of range, and for `linspace` spacing.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: config.numTrainTimesteps)
    guard config.timestepSpacing != .linspace else {
      throw DiffusionError(
        .usage, "timestep_spacing is linspace: \(Self.className) expects leading or trailing; set one of them")
    }
    (stride, first) = (config.numTrainTimesteps / numInferenceSteps, nil)
    timesteps = config.timestepSpacing.timesteps(
      numInferenceSteps, of: config.numTrainTimesteps, stepsOffset: config.stepsOffset
    ).reversed().map(Float.init)
  }

  /// The alpha-bar that a step starts from: after the first step, that which the step before leads to.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    if step > 0 {
      let timestep = try timestep(at: step - 1)
      return NoiseLevel(timestep: timestep, alphaCumprod: try alphaCumprod(at: timestep))
    }
    return NoiseLevel(timestep: try start(of: 0), alphaCumprod: try alphas(at: 0).start)
  }

  /// Cuts the timesteps above a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    let timestep = wholeTimestep(of: level)
    let above = timesteps.filter { $0 > timestep }
    try Self.requireSteps(above, above: timestep)
    (timesteps, first) = (above, timestep)
  }

  /// The timestep that a step starts from; below 0 for the image.
  private func start(of step: Int) throws -> Float {
    let timestep = try timestep(at: step)
    guard let stride else {
      throw DiffusionError(
        .usage,
        "Number of inference steps is 'None', you need to run 'set_timesteps' after creating the scheduler")
    }
    if step == 0, let first { return first }
    return min(timestep - Float(stride), Float(config.numTrainTimesteps - 1))
  }

  /// The alpha-bars of a step's start and end.
  private func alphas(at step: Int) throws -> (start: Float, end: Float) {
    let start = try start(of: step)
    return (
      try start >= 0 ? alphaCumprod(at: start) : initialAlphaCumprod, try alphaCumprod(at: timestep(at: step))
    )
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let (start, end) = try alphas(at: step)
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: start, alphaCumprodPrev: end,
      terms: [
        .init(.init("\u{221A}\u{03B1}_next", ascii: "sqrt(a_next)"), end.squareRoot(), .predOriginalSample),
        .init(
          .init("\u{221A}(1\u{2212}\u{03B1}_next)", ascii: "sqrt(1 - a_next)"), (1 - end).squareRoot(), .predEpsilon),
      ],
      quantities: [
        .init(.alpha, "alpha-bar", start),
        .init(.init("\u{03B1}_next", ascii: "a_next"), "alpha-bar after", end),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let (start, end) = try alphas(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let predicted = config.predictionType.split(
      modelOutput.scalars, sample.scalars, rootAlpha: start.squareRoot(), rootBeta: (1 - start).squareRoot())
    let limits = SampleLimits(clipSampleRange: config.clipSample ? config.clipSampleRange : nil)
    let original = limits.applied(to: predicted.original, shape: sample.shape)
    let (image, direction) = (end.squareRoot(), (1 - end).squareRoot())
    let next = zip(original, predicted.epsilon).map { image * $0 + direction * $1 }
    return SchedulerOutput(
      prevSample: Tensor(unchecked: sample.shape, next),
      predOriginalSample: Tensor(unchecked: sample.shape, original),
      predEpsilon: Tensor(unchecked: sample.shape, predicted.epsilon))
  }
}
