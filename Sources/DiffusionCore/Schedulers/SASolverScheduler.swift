/// The configuration of a ``SASolverScheduler`` (`SASolverScheduler.__init__` of diffusers 0.42.1).
public struct SASolverSchedulerConfig: SolverConfiguration {
  /// What is integrated (`algorithm_type`).
  public enum Algorithm: String, Sendable, CaseIterable {
    /// The predicted image.
    case dataPrediction = "data_prediction"
    /// The predicted noise.
    case noisePrediction = "noise_prediction"
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
  /// The largest number of predictions in a step, 1 to 4.
  public var predictorOrder = 2
  /// The largest number of predictions that correct a sample, 1 to 4.
  public var correctorOrder = 2
  /// What the model's output means.
  public var predictionType = SolverPredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically.
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// What is integrated.
  public var algorithmType = Algorithm.dataPrediction
  /// Whether the last steps are of lower orders.
  public var lowerOrderFinal = true
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The ends of respaced sigmas, which the file of another class may have.
  public var inheritedSigmas = InheritedSigmas()
  /// Whether x_t is (1 - sigma) x_0 + sigma noise, with evenly spaced sigmas that are then shifted.
  public var useFlowSigmas = false
  /// How much those sigmas are shifted towards 1; 1 for not at all.
  public var flowShift = 1.0
  /// The smallest lambda, the logarithm of the ratio of image to noise, whose timestep is used.
  public var lambdaMinClipped = -Double.infinity
  /// The variance that the model predicts; Diffusers' noise does not fit one that predicts it too, so none may.
  public var varianceType: DDPMSchedulerConfig.VarianceType?
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<SASolverSchedulerConfig>] =
    betaOptions() + solverOptions + [
      .int("predictor_order", \.predictorOrder), .int("corrector_order", \.correctorOrder), .null("tau_func"),
      .name("algorithm_type", \.algorithmType), .bool("lower_order_final", \.lowerOrderFinal),
      .double("lambda_min_clipped", \.lambdaMinClipped), .optionalName("variance_type", \.varianceType),
    ]

  /// Whether the predicted image is integrated.
  public var integratesImage: Bool { algorithmType == .dataPrediction }

  /// Checks every option.
  public func validate() throws {
    try validateSolver()
    for (name, order) in [("predictor_order", predictorOrder), ("corrector_order", correctorOrder)] {
      guard order > 0 else { throw DiffusionError(.badData, "\(name) is \(order): expected 1 to 4") }
    }
    guard integratesImage || !thresholding else {
      throw DiffusionError(.badData, "thresholding is true: expected false for algorithm_type noise_prediction")
    }
  }
}

/// SA-Solver, a stochastic Adams method with a corrector that needs no model call of its own (Xue et al. 2023, arXiv
/// 2309.05019), as `diffusers.SASolverScheduler` 0.42.1: noise is added at timesteps from 200 to 800.
public struct SASolverScheduler: ExponentialIntegrator {
  /// The class in Diffusers.
  public static let className = "SASolverScheduler"
  /// The name on the command line.
  public static let shortName = "sasolver"

  /// The configuration.
  public let config: SASolverSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The ratio of noise to image of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SolverSchedule
  /// The last predictions, the newest last.
  private var predictions: [[Float]] = []
  /// The sample that the last step started from, corrected, and the noise that it drew.
  private var last: (sample: [Float], noise: [Float]) = ([], [])
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: SASolverSchedulerConfig = SASolverSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SolverSchedule(config)
    alphasCumprod = schedule.sigmas.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
    sigmas = schedule.sigmas.training.reversed() + schedule.sigmas.training.prefix(1)
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and for sigmas that have no logarithm.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let steps = try schedule.steps(
      config, numInferenceSteps, end: schedule.end(lambdaMin: config.lambdaMinClipped))
    timesteps = steps.timesteps
    sigmas = (steps.sigmas + [schedule.smallest(config, steps.sigmas)]).map { Float($0) }
    forget()
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    forget()
  }

  private mutating func forget() { (predictions, last, beginIndex) = ([], ([], []), 0) }

  /// The step from a sample with the predictions up to its start.
  private func predictor(at step: Int) throws -> SASolverUpdate {
    _ = try timestep(at: step)
    let most = config.lowerOrderFinal ? min(config.predictorOrder, timesteps.count - step) : config.predictorOrder
    return try update(at: step, order: min(most, max(0, step - beginIndex) + 1), corrects: false)
  }

  /// The same step as the one before, with the prediction at its end too.
  private func corrector(at step: Int) throws -> SASolverUpdate {
    let most = config.lowerOrderFinal ? min(config.correctorOrder, timesteps.count - step + 2) : config.correctorOrder
    return try update(at: step - 1, order: min(most, step - beginIndex + 1), corrects: true)
  }

  private func update(at step: Int, order: Int, corrects: Bool) throws -> SASolverUpdate {
    let newest = corrects ? step + 1 : step
    return try SASolverUpdate(
      to: level(step + 1), from: level(step), nodes: (0..<order).map { level(newest - $0).lambda },
      integratesImage: config.integratesImage, tau: (200...800).contains(timesteps[step]) ? 1 : 0, corrects: corrects)
  }

  private func prediction(_ age: Int) -> UpdateTerms.Operand {
    guard age > 0 else { return config.integratesImage ? .predOriginalSample : .predEpsilon }
    return UpdateTerms.Operand(.init("m_\(age)"), "prediction \(age) before")
  }

  /// Whether a step first corrects its sample.
  private func corrects(at step: Int) -> Bool { step > beginIndex }

  /// sqrt(alpha-bar) x_0 + sqrt(1 - alpha-bar) noise: Diffusers takes the timesteps here, even of respaced sigmas.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try addTrainingNoise(originalSamples, noise, timesteps)
  }

  /// The noise of the step's timestep.
  public func addNoise(_ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    try addTrainingNoise(originalSamples, noise, [timestep(at: step)])
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let update = try predictor(at: step)
    var terms = [UpdateTerms.Term(.init("c_x"), update.sample, corrects(at: step) ? UniPCUpdate.corrected : .sample)]
    terms += update.weights.enumerated().map { .init(.init("c_\($0.offset)"), $0.element, prediction($0.offset)) }
    terms.append(.init(.init("c_z"), update.noise, .noise))
    return solverTerms(at: step, terms, order: update.weights.count)
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let update = try predictor(at: step), order = update.weights.count
    let predicted = try prediction(modelOutput, at: step, sample: sample)
    let known = predictions + [config.integratesImage ? predicted.original : predicted.epsilon]
    let corrector = corrects(at: step) ? try corrector(at: step) : nil
    guard known.count >= max(order, corrector?.weights.count ?? 0) else {
      throw DiffusionError(.usage, "step \(step) needs the steps before it: take them first")
    }
    let start = corrector?.result(last.sample, known.reversed(), noise: last.noise) ?? sample.scalars
    let drawn = try noise()
    try Self.check("variance noise", drawn, like: sample)
    var operands = Dictionary(
      known.suffix(order).reversed().enumerated().map { (prediction($0.offset), $0.element) },
      uniquingKeysWith: { first, _ in first })
    if corrector != nil { operands[UniPCUpdate.corrected] = start }
    predictions = known.suffix(4)
    last = (start, drawn.scalars)
    return output(
      predicted, update.result(start, known.reversed(), noise: drawn.scalars), operands, sample: sample, noise: drawn)
  }
}
