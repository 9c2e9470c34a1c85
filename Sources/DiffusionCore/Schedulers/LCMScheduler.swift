/// The configuration of an ``LCMScheduler`` and a ``TCDScheduler`` (their `__init__` in diffusers 0.42.1).
public struct LCMSchedulerConfig: BetaConfiguration, LimitsConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta.
  public var betaStart = 0.00085
  /// The last beta.
  public var betaEnd = 0.012
  /// How betas grow.
  public var betaSchedule = BetaSchedule.scaledLinear
  /// Betas that replace a schedule, one for each training timestep.
  public var trainedBetas: [Double]?
  /// The number of steps of the schedule that the model was distilled with, of which a run takes some; 1 to
  /// `numTrainTimesteps`.
  public var originalInferenceSteps = 50
  /// Whether the predicted original sample is clipped to `clipSampleRange`; thresholding takes precedence. TCD does
  /// neither.
  public var clipSample = false
  /// The largest magnitude after clipping.
  public var clipSampleRange = 1.0
  /// Whether the alpha-bar before the first timestep is 1. No step leads there.
  public var setAlphaToOne = true
  /// Has no effect, as in Diffusers.
  public var stepsOffset = 0
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// Has no effect, as in Diffusers.
  public var timestepSpacing = TimestepSpacing.leading
  /// The factor of timesteps in the boundary condition of LCM.
  public var timestepScaling = 10.0
  /// Whether betas are rescaled so that the last product of alphas is 0.
  public var rescaleBetasZeroSnr = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<LCMSchedulerConfig>] =
    betaOptions() + limitsOptions + [
      .int("original_inference_steps", \.originalInferenceSteps), .bool("set_alpha_to_one", \.setAlphaToOne),
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias),
      .name("timestep_spacing", \.timestepSpacing), .double("timestep_scaling", \.timestepScaling),
      .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try limits.validate()
  }

  /// The timesteps of a run: evenly chosen from those of the schedule that the model was distilled with.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if there are not as many.
  func timesteps(_ count: Int) throws -> [Float] {
    guard (1...numTrainTimesteps).contains(originalInferenceSteps) else {
      throw DiffusionError(
        .usage,
        "original_inference_steps is \(originalInferenceSteps): expected 1 to \(numTrainTimesteps) "
          + "(num_train_timesteps); set it with --scheduler-option")
    }
    guard (1...originalInferenceSteps).contains(count) else {
      throw DiffusionError(
        .usage,
        "`num_inference_steps` is \(count): expected 1 to \(originalInferenceSteps) (original_inference_steps), "
          + "the steps that the model was distilled with")
    }
    let stride = numTrainTimesteps / originalInferenceSteps
    let share = Double(originalInferenceSteps) / Double(count)
    return (0..<count).map { index in
      Float((originalInferenceSteps - Int((Double(index) * share).rounded(.down))) * stride - 1)
    }
  }
}

/// Multistep sampling of latent consistency models (Luo et al. 2023, arXiv 2310.04378), as `diffusers.LCMScheduler`
/// 0.42.1: each step predicts the image, and adds fresh noise up to the next timestep.
public struct LCMScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "LCMScheduler"
  /// The name on the command line.
  public static let shortName = "lcm"

  /// The configuration.
  public let config: LCMSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: LCMSchedulerConfig = LCMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: config.rescaleBetasZeroSnr))
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, 1 to `originalInferenceSteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is out of range.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    timesteps = try config.timesteps(numInferenceSteps)
  }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    timesteps = wholeTimesteps(from: level)
  }

  /// The coefficients of a step, the same for every element.
  private struct Coefficients {
    let alpha: Float
    /// The factors of the predicted original and of the sample in the denoised image.
    let out, skip: Float
    /// The alpha-bar at the step's end; nil for the last step, which adds no noise.
    let next: Float?

    init(_ scheduler: LCMScheduler, at step: Int) throws {
      let timestep = try scheduler.timestep(at: step)
      alpha = try scheduler.alphaCumprod(at: timestep)
      let scaled = timestep * Float(scheduler.config.timestepScaling)
      let square = scaled * scaled + 0.25
      (skip, out) = (0.25 / square, scaled / square.squareRoot())
      let isLast = step == scheduler.timesteps.count - 1
      next = isLast ? nil : try scheduler.alphaCumprod(at: scheduler.timesteps[step + 1])
    }

    /// The factors of the denoised image and of fresh noise.
    var roots: (image: Float, noise: Float) {
      next.map { ($0.squareRoot(), (1 - $0).squareRoot()) } ?? (1, 0)
    }
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let numbers = try Coefficients(self, at: step)
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: numbers.alpha, alphaCumprodPrev: numbers.next ?? 1,
      sigma: numbers.roots.noise,
      terms: [
        .init(
          .init("\u{221A}\u{03B1}_prev c_out", ascii: "sqrt(a_prev) c_out"), numbers.roots.image * numbers.out,
          .predOriginalSample),
        .init(
          .init("\u{221A}\u{03B1}_prev c_skip", ascii: "sqrt(a_prev) c_skip"), numbers.roots.image * numbers.skip,
          .sample),
        .init(
          .init("\u{221A}(1\u{2212}\u{03B1}_prev)", ascii: "sqrt(1 - a_prev)"), numbers.roots.noise, .noise),
      ],
      quantities: [
        .init(.alpha, "alpha-bar", numbers.alpha), .init(.alphaPrev, "alpha-bar after", numbers.next ?? 1),
        .init(.init("c_out"), "c_out", numbers.out), .init(.init("c_skip"), "c_skip", numbers.skip),
      ])
  }

  /// Takes a step. All but the last draw noise.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let numbers = try Coefficients(self, at: step)
    try Self.check("model output", modelOutput, like: sample)
    let predicted = config.predictionType.split(
      modelOutput.scalars, sample.scalars, rootAlpha: numbers.alpha.squareRoot(),
      rootBeta: (1 - numbers.alpha).squareRoot())
    let original = config.limits.applied(to: predicted.original, shape: sample.shape)
    var previous = zip(original, sample.scalars).map { numbers.out * $0 + numbers.skip * $1 }
    var drawn: Tensor<Float>?
    if numbers.next != nil {
      let noise = try noise(), roots = numbers.roots
      try Self.check("variance noise", noise, like: sample)
      for index in previous.indices {
        previous[index] = roots.image * previous[index] + roots.noise * noise.scalars[index]
      }
      drawn = noise
    }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(predicted.epsilon),
      varianceNoise: drawn)
  }
}
