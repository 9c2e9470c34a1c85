/// The configuration of a ``DDIMScheduler`` (`DDIMScheduler.__init__` of diffusers 0.42.1).
public struct DDIMSchedulerConfig: BetaConfiguration, LimitsConfiguration {
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
  /// Whether the predicted original sample is clipped to `clipSampleRange`; thresholding takes precedence.
  public var clipSample = true
  /// Whether the product of alphas before the first timestep is 1; otherwise it is that of the first timestep.
  public var setAlphaToOne = true
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
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
  /// Whether betas are rescaled so that the last product of alphas is 0.
  public var rescaleBetasZeroSnr = false

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DDIMSchedulerConfig>] =
    betaOptions() + limitsOptions + [
      .bool("set_alpha_to_one", \.setAlphaToOne),
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias),
      .name("timestep_spacing", \.timestepSpacing), .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try limits.validate()
  }
}

/// Denoising diffusion implicit models (Song et al. 2020, arXiv 2010.02502), as `diffusers.DDIMScheduler` 0.42.1.
///
/// A step is a fixed sequence of binary32 operations for each element, so its bits are the same on every machine; they
/// lie within 1e-5 (relative) of Diffusers on PyTorch, whose square root is not always correctly rounded.
public struct DDIMScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "DDIMScheduler"
  /// The name on the command line.
  public static let shortName = "ddim"
  /// The weight of added noise, and whether the noise is derived again.
  public static let stepOptions: [ConfigurationOption<SchedulerOptions>] = [
    .float("eta", \.eta).asSetting, .bool("use_clipped_model_output", \.useClippedModelOutput).asSetting,
  ]

  /// The configuration.
  public let config: DDIMSchedulerConfig
  /// Variances of the forward process, one for each training timestep.
  public let betas: [Float]
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The product before the first timestep.
  public let finalAlphaCumprod: Float
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The number of inference steps passed to ``setTimesteps(_:)``; nil before.
  public private(set) var numInferenceSteps: Int?
  /// A first step that is not as long as the others; see ``start(at:)``.
  private var first: (timestep: Float, next: Float)?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DDIMSchedulerConfig = DDIMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    betas = config.betas(rescaledToZeroSNR: config.rescaleBetasZeroSnr)
    alphasCumprod = NoiseSchedule.alphasCumprod(betas)
    finalAlphaCumprod = config.setAlphaToOne ? 1 : alphasCumprod[0]
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, 1 to `numTrainTimesteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is out of range.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: config.numTrainTimesteps)
    self.numInferenceSteps = numInferenceSteps
    first = nil
    timesteps = config.timestepSpacing.timesteps(
      numInferenceSteps, of: config.numTrainTimesteps, stepsOffset: config.stepsOffset
    ).map(Float.init)
  }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    let timestep = wholeTimestep(of: level), below = timesteps.filter { $0 < timestep }
    first = timesteps.contains(timestep) ? nil : (timestep, below.first ?? -1)
    timesteps = [timestep] + below
  }

  /// The timestep that a step from `timestep` leads to; below 0 after the last one. As in Diffusers it is lower by
  /// `numTrainTimesteps / steps` (rounded down), and so not always the next of ``timesteps``.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``.
  public func previousTimestep(_ timestep: Float) throws -> Float {
    guard let numInferenceSteps else {
      throw DiffusionError(
        .usage,
        "Number of inference steps is 'None', you need to run 'set_timesteps' after creating the scheduler")
    }
    if let first, first.timestep == timestep { return first.next }
    return timestep - Float(config.numTrainTimesteps / numInferenceSteps)
  }

  /// The variance of the noise that a step with eta = 1 adds (`_get_variance`; formula 16 of the paper, squared).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a timestep outside the schedule.
  public func getVariance(_ timestep: Float, _ prevTimestep: Float) throws -> Float {
    let alphaProdT = try alphaCumprod(at: timestep)
    let alphaProdTPrev = try prevTimestep >= 0 ? alphaCumprod(at: prevTimestep) : finalAlphaCumprod
    let betaProdT = 1 - alphaProdT
    let betaProdTPrev = 1 - alphaProdTPrev
    return (betaProdTPrev / betaProdT) * (1 - alphaProdT / alphaProdTPrev)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let coefficients = try coefficients(timestep: timestep(at: step), eta: options.eta)
    // The variance may be NaN, and 0 times NaN is NaN; with eta 0 no noise is added.
    return coefficients.terms(sigma: options.eta == 0 ? 0 : coefficients.sigma)
  }

  /// Computes a step's coefficients.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, or for a timestep outside the schedule.
  package func coefficients(timestep: Float, eta: Float) throws -> Coefficients {
    let previous = try previousTimestep(timestep)
    return Coefficients(
      timestep: timestep, alphaProdT: try alphaCumprod(at: timestep),
      alphaProdTPrev: try previous >= 0 ? alphaCumprod(at: previous) : finalAlphaCumprod, eta: eta,
      sigma: eta * (try getVariance(timestep, previous)).squareRoot())
  }
}

extension DDIMScheduler {
  /// The coefficients of a step, the same for every element, in the order `DDIMScheduler.step` of Diffusers computes
  /// them: x_{t-1} = sqrt(a_prev) x_0 + sqrt(1 - a_prev - sigma^2) epsilon + sigma z (formula 12 of the paper).
  package struct Coefficients: Sendable, Equatable {
    private let timestep, alphaProdT, alphaProdTPrev: Float
    /// The square root of alpha-bar at the timestep.
    package let sqrtAlphaProdT: Float
    /// The square root of 1 - alpha-bar at the timestep.
    package let sqrtBetaProdT: Float
    /// The square root of alpha-bar at the previous timestep.
    package let sqrtAlphaProdTPrev: Float
    /// The standard deviation of the noise that the step adds: eta times the square root of the variance.
    package let sigma: Float
    /// The factor of the predicted noise: the "direction pointing to x_t" of formula 12.
    package let directionScale: Float

    /// Computes the square roots. With eta up to 1 the square of the direction's factor is never negative, and 0 where
    /// rounding makes it so.
    package init(timestep: Float = 0, alphaProdT: Float, alphaProdTPrev: Float, eta: Float = 0, sigma: Float) {
      (self.timestep, self.alphaProdT, self.alphaProdTPrev) = (timestep, alphaProdT, alphaProdTPrev)
      sqrtAlphaProdT = alphaProdT.squareRoot()
      sqrtBetaProdT = (1 - alphaProdT).squareRoot()
      sqrtAlphaProdTPrev = alphaProdTPrev.squareRoot()
      self.sigma = sigma
      let square = 1 - alphaProdTPrev - sigma * sigma
      directionScale = square < 0 && eta <= 1 ? 0 : square.squareRoot()
    }

    /// The terms of the step, with the standard deviation of the noise that it adds.
    package func terms(sigma: Float) -> UpdateTerms {
      let direction = UpdateTerms.Symbol(
        "\u{221A}(1\u{2212}\u{03B1}_prev\u{2212}\u{03C3}\u{00B2})", ascii: "sqrt(1 - a_prev - sigma^2)")
      return UpdateTerms(
        timestep: timestep, alphaCumprod: alphaProdT, alphaCumprodPrev: alphaProdTPrev, sigma: sigma,
        terms: [
          .init(.init("\u{221A}\u{03B1}_prev", ascii: "sqrt(a_prev)"), sqrtAlphaProdTPrev, .predOriginalSample),
          .init(direction, directionScale, .predEpsilon), .init(.sigma, sigma, .noise),
        ],
        quantities: [
          .init(.alpha, "alpha-bar", alphaProdT), .init(.alphaPrev, "alpha-bar after", alphaProdTPrev),
          .init(.sigma, "sigma", sigma),
        ])
    }
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    try self.step(modelOutput, timestep: timestep(at: step), sample: sample, options: options, noise: noise)
  }

  /// Takes a step from any timestep of the schedule, as `DDIMScheduler.step` is called in Python.
  ///
  /// - Parameters:
  ///   - modelOutput: The model's output, `[batch, channels, ...]`.
  ///   - timestep: The training timestep of the model call.
  ///   - sample: x_t, in the same shape.
  ///   - eta: The weight of the added noise: 0 (DDIM) to 1 (DDPM).
  ///   - useClippedModelOutput: Whether the noise is derived again from the clipped x_0.
  ///   - generator: Draws the noise if eta > 0, after everything else has been checked.
  ///   - varianceNoise: The noise itself, in place of a generator.
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, for a timestep outside the schedule, for
  ///   shapes that differ, for both a generator and noise, and for neither if eta > 0: unlike PyTorch, this library has
  ///   no global generator.
  public func step(
    _ modelOutput: Tensor<Float>, timestep: Float, sample: Tensor<Float>, eta: Float = 0,
    useClippedModelOutput: Bool = false, generator: Generator? = nil, varianceNoise: Tensor<Float>? = nil
  ) throws -> SchedulerOutput {
    let options = SchedulerOptions(eta: eta, useClippedModelOutput: useClippedModelOutput)
    return try step(modelOutput, timestep: timestep, sample: sample, options: options) {
      switch (generator, varianceNoise) {
      case (.some, .some):
        throw DiffusionError(
          .usage,
          "Cannot pass both generator and variance_noise. Please make sure that either `generator` or `variance_noise` "
            + "stays `None`.")
      case (let generator?, nil): return try randnTensor(modelOutput.shape, generator: generator)
      case (nil, let noise?): return noise
      case (nil, nil):
        throw DiffusionError(.usage, "a step with eta \(eta) adds noise: pass generator or varianceNoise")
      }
    }
  }

  /// Takes a step. `noise` is called once if eta > 0, and otherwise never.
  private func step(
    _ modelOutput: Tensor<Float>, timestep: Float, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let coefficients = try coefficients(timestep: timestep, eta: options.eta)
    try Self.check("model output", modelOutput, like: sample)
    let (rootAlpha, rootBeta) = (coefficients.sqrtAlphaProdT, coefficients.sqrtBetaProdT)
    var (original, epsilon) = config.predictionType.split(
      modelOutput.scalars, sample.scalars, rootAlpha: rootAlpha, rootBeta: rootBeta)
    original = config.limits.applied(to: original, shape: sample.shape)
    if options.useClippedModelOutput {
      epsilon = PredictionType.noise(in: sample.scalars, around: original, rootAlpha, rootBeta)
    }

    var previous = [Float](repeating: 0, count: original.count)
    for index in previous.indices {
      let direction = coefficients.directionScale * epsilon[index]
      previous[index] = coefficients.sqrtAlphaProdTPrev * original[index] + direction
    }
    let varianceNoise = options.eta > 0 ? try noise() : nil
    if let varianceNoise {
      try Self.check("variance noise", varianceNoise, like: sample)
      for index in previous.indices { previous[index] += coefficients.sigma * varianceNoise.scalars[index] }
    }
    return SchedulerOutput(
      prevSample: Tensor(unchecked: sample.shape, previous),
      predOriginalSample: Tensor(unchecked: sample.shape, original),
      predEpsilon: Tensor(unchecked: sample.shape, epsilon), varianceNoise: varianceNoise)
  }
}
