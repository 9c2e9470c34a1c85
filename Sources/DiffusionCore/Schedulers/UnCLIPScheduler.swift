/// The configuration of a ``UnCLIPScheduler`` (`UnCLIPScheduler.__init__` of diffusers 0.42.1).
public struct UnCLIPSchedulerConfig: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The variance of the noise that a step adds: `fixed_small_log` or `learned_range`.
  public var varianceType = DDPMSchedulerConfig.VarianceType.fixedSmallLog
  /// Whether the predicted original sample is clipped to `clipSampleRange`.
  public var clipSample = true
  /// The largest magnitude after clipping.
  public var clipSampleRange = 1.0
  /// What the model's output means: `epsilon` or `sample`.
  public var predictionType = PredictionType.epsilon
  /// How betas grow: `squaredcos_cap_v2`.
  public var betaSchedule = BetaSchedule.squaredcosCapV2

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<UnCLIPSchedulerConfig>] = [
    .int("num_train_timesteps", \.numTrainTimesteps),
    .name("variance_type", \.varianceType, among: [.fixedSmallLog, .learnedRange]),
    .bool("clip_sample", \.clipSample), .double("clip_sample_range", \.clipSampleRange),
    .name("prediction_type", \.predictionType, among: [.epsilon, .sample]),
    .name("beta_schedule", \.betaSchedule, among: [.squaredcosCapV2]),
  ]

  /// Checks every option.
  public func validate() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
  }
}

/// DDPM as unCLIP uses it (Ramesh et al. 2022, arXiv 2204.06125), as `diffusers.UnCLIPScheduler` 0.42.1.
///
/// A step leads to the next timestep of the run, which unCLIP's pipelines pass to `step` as `prev_timestep`. Each draws
/// noise, except one at timestep 0.
public struct UnCLIPScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "UnCLIPScheduler"
  /// The name on the command line.
  public static let shortName = "unclip"

  /// The configuration.
  public let config: UnCLIPSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  private let betas: [Float]

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: UnCLIPSchedulerConfig = UnCLIPSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    betas = NoiseSchedule.betas(config.betaSchedule, from: 0, to: 0, count: config.numTrainTimesteps)
    alphasCumprod = NoiseSchedule.alphasCumprod(betas)
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run: evenly from the last of training to 0.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than two steps.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    guard numInferenceSteps > 1 else {
      throw DiffusionError(
        .usage, "`num_inference_steps`: \(numInferenceSteps) is too small for unclip: expected at least 2")
    }
    let ratio = Double(config.numTrainTimesteps - 1) / Double(numInferenceSteps - 1)
    timesteps = (0..<numInferenceSteps).reversed().map { Float((Double($0) * ratio).rounded(.toNearestOrEven)) }
  }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws { timesteps = wholeTimesteps(from: level) }

  /// The coefficients of a step, the same for every element.
  private struct Coefficients {
    let timestep, alphaProd, alphaProdPrev, beta: Float
    /// The factors of x_0 and of x_t.
    let original, sample: Float
    let variance: Float

    init(_ scheduler: UnCLIPScheduler, at step: Int) throws {
      timestep = try scheduler.timestep(at: step)
      let previous = step + 1 < scheduler.timesteps.count ? scheduler.timesteps[step + 1] : timestep - 1
      alphaProd = try scheduler.alphaCumprod(at: timestep)
      alphaProdPrev = try previous >= 0 ? scheduler.alphaCumprod(at: previous) : 1
      let betaProd = 1 - alphaProd, betaProdPrev = 1 - alphaProdPrev
      beta = previous == timestep - 1 ? scheduler.betas[Int(timestep)] : 1 - alphaProd / alphaProdPrev
      original = alphaProdPrev.squareRoot() * beta / betaProd
      sample = (1 - beta).squareRoot() * betaProdPrev / betaProd
      variance = betaProdPrev / betaProd * beta
    }

    /// The factor of the noise; with a model that predicts variances, the smallest.
    var sigma: Float {
      timestep > 0 ? FloatMath.exp(0.5 * FloatMath.log(clamp(variance, 1e-20, .infinity))) : 0
    }

    /// The factor of the noise for an element, from the model's prediction.
    func sigma(of predicted: Float) -> Float {
      let share = (predicted + 1) / 2
      return FloatMath.exp(0.5 * (share * FloatMath.log(beta) + (1 - share) * FloatMath.log(variance)))
    }
  }

  /// The terms of a step. If the model predicts the variance of each element, the smallest stands for all.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let numbers = try Coefficients(self, at: step)
    return UpdateTerms(
      timestep: numbers.timestep, alphaCumprod: numbers.alphaProd, alphaCumprodPrev: numbers.alphaProdPrev,
      sigma: numbers.sigma,
      terms: [
        .init(.init("c_0"), numbers.original, .predOriginalSample), .init(.init("c_x"), numbers.sample, .sample),
        .init(.sigma, numbers.sigma, .noise),
      ],
      quantities: [
        .init(.alpha, "alpha-bar", numbers.alphaProd), .init(.alphaPrev, "alpha-bar after", numbers.alphaProdPrev),
        .init(.init("\u{03B2}", ascii: "b"), "beta", numbers.beta), .init(.sigma, "sigma", numbers.sigma),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let numbers = try Coefficients(self, at: step), x = sample.scalars
    // A step at timestep 0 needs no variances, and takes an output without them.
    let hasVariances =
      config.varianceType == .learnedRange && (numbers.timestep > 0 || modelOutput.shape != sample.shape)
    let (output, variances) = try DDPMScheduler.split(
      modelOutput, like: sample, learns: hasVariances ? config.varianceType : nil)
    let alpha = numbers.alphaProd
    var (original, epsilon) = config.predictionType.split(
      output, x, rootAlpha: alpha.squareRoot(), rootBeta: (1 - alpha).squareRoot())
    original = SampleLimits(clipSampleRange: config.clipSample ? config.clipSampleRange : nil)
      .applied(to: original, shape: sample.shape)
    if config.predictionType == .epsilon { epsilon = output }
    var previous = zip(original, x).map { numbers.original * $0 + numbers.sample * $1 }
    let drawn = numbers.timestep > 0 ? try noise() : nil
    if let drawn {
      try Self.check("variance noise", drawn, like: sample)
      let sigma = numbers.sigma
      for index in previous.indices {
        previous[index] += (variances.map { numbers.sigma(of: $0[index]) } ?? sigma) * drawn.scalars[index]
      }
    }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(epsilon),
      varianceNoise: drawn)
  }
}
