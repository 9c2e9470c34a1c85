/// The configuration of an ``EulerAncestralDiscreteScheduler`` (`EulerAncestralDiscreteScheduler.__init__` of diffusers
/// 0.42.1).
public struct EulerAncestralDiscreteSchedulerConfig: SigmaConfiguration {
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
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// Whether betas are rescaled so that the last product of alphas is nearly 0.
  public var rescaleBetasZeroSnr = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<EulerAncestralDiscreteSchedulerConfig>] =
    betaOptions() + [
      .name("prediction_type", \.predictionType, among: [.epsilon, .vPrediction]),
      .name("timestep_spacing", \.timestepSpacing), .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
    ]

  /// Checks every option.
  public func validate() throws { try validateBetas() }
}

/// Euler's method with ancestral sampling, as `diffusers.EulerAncestralDiscreteScheduler` 0.42.1 and k-diffusion: each
/// step goes below the next sigma, and adds fresh noise up to it.
public struct EulerAncestralDiscreteScheduler: SigmaScheduler {
  /// The class in Diffusers.
  public static let className = "EulerAncestralDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "euler-ancestral"

  /// The configuration.
  public let config: EulerAncestralDiscreteSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The noise level of each step, followed by 0.
  public private(set) var sigmas: [Float]
  private let schedule: SigmaSchedule

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(
    config: EulerAncestralDiscreteSchedulerConfig = EulerAncestralDiscreteSchedulerConfig()
  ) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config, rescaledToZeroSNR: config.rescaleBetasZeroSnr)
    alphasCumprod = schedule.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
    sigmas = schedule.training.reversed() + [0]
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let chosen = config.evenTimesteps(numInferenceSteps)
    sigmas = schedule.interpolated(at: chosen).map { Float($0) } + [0]
    timesteps = chosen.map { Float($0) }
  }

  /// Cuts the sigmas below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws { (timesteps, sigmas) = steps(from: level) }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let timestep = try timestep(at: step)
    let levels = AncestralLevels(from: sigmas[step], to: sigmas[step + 1])
    return UpdateTerms(
      timestep: timestep, alphaCumprod: Self.alphaCumprod(of: levels.from),
      alphaCumprodPrev: Self.alphaCumprod(of: levels.to), sigma: levels.up,
      terms: [
        .init(.init(""), 1, .sample),
        .init(
          .init("(\u{03C3}_down\u{2212}\u{03C3})", ascii: "(sigma_down - sigma)"), levels.down - levels.from,
          .derivative),
        .init(.sigmaUp, levels.up, .noise),
      ],
      quantities: [
        .init(.sigma, "sigma", levels.from), .init(.sigmaPrev, "sigma after", levels.to),
        .init(.init("\u{03C3}_down", ascii: "sigma_down"), "sigma down", levels.down),
        .init(.sigmaUp, "sigma up", levels.up),
      ])
  }

  /// Takes a step. Noise is drawn in the last step too, where its factor is 0.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let levels = AncestralLevels(from: sigmas[step], to: sigmas[step + 1])
    let original = config.predictionType.original(
      in: sample.scalars, modelOutput.scalars, sigma: levels.from, noiseLevel: levels.from)
    let derivative = zip(sample.scalars, original).map { ($0 - $1) / levels.from }
    let change = levels.down - levels.from
    var previous = zip(sample.scalars, derivative).map { $0 + $1 * change }
    let drawn = try noise()
    try Self.check("variance noise", drawn, like: sample)
    for index in previous.indices { previous[index] += drawn.scalars[index] * levels.up }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      varianceNoise: drawn, operands: [.derivative: tensor(derivative)])
  }
}

/// The sigmas of a step with ancestral sampling: down below the next sigma, and up to it with fresh noise.
struct AncestralLevels {
  let from, to: Float
  /// The sigma that the step leads to before the noise is added; NaN where rounding leaves a negative square, as in
  /// Diffusers.
  let down: Float
  /// The standard deviation of the noise.
  let up: Float

  init(from: Float, to: Float) {
    (self.from, self.to) = (from, to)
    up = (to * to * (from * from - to * to) / (from * from)).squareRoot()
    down = (to * to - up * up).squareRoot()
  }
}
