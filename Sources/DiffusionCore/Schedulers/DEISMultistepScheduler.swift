/// The configuration of a ``DEISMultistepScheduler`` (`DEISMultistepScheduler.__init__` of diffusers 0.42.1).
public struct DEISMultistepSchedulerConfig: SolverConfiguration {
  /// The algorithm (`algorithm_type`), of which there is one.
  public enum Algorithm: String, Sendable, CaseIterable {
    /// DEIS.
    case deis
  }

  /// The variable in which predictions are interpolated (`solver_type`), of which there is one.
  public enum SolverType: String, Sendable, CaseIterable {
    /// The logarithm of the ratio of noise to image.
    case logrho
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
  /// The largest number of predictions in a step, at least 1; more than 3 are as 3.
  public var solverOrder = 2
  /// What the model's output means.
  public var predictionType = SolverPredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically.
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// The algorithm.
  public var algorithmType = Algorithm.deis
  /// The variable in which predictions are interpolated.
  public var solverType = SolverType.logrho
  /// Whether the last two steps of fewer than 15 are of a lower order.
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
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// Whether a pipeline for flow matching shifts the timesteps for its resolution; others do not.
  public var useDynamicShifting = false
  /// How it shifts them.
  public var timeShiftType = TimeShiftType.exponential

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DEISMultistepSchedulerConfig>] =
    betaOptions() + solverOptions + [
      .int("solver_order", \.solverOrder),
      .name("algorithm_type", \.algorithmType, replacing: ["dpmsolver": .deis, "dpmsolver++": .deis]),
      .name(
        "solver_type", \.solverType,
        replacing: ["midpoint": .logrho, "heun": .logrho, "bh1": .logrho, "bh2": .logrho]),
      .bool("lower_order_final", \.lowerOrderFinal), .bool("use_dynamic_shifting", \.useDynamicShifting),
      .name("time_shift_type", \.timeShiftType),
    ]

  /// Whether the predicted image is computed and limited first: it is, and the noise is derived from it.
  public var integratesImage: Bool { true }

  /// Checks every option.
  public func validate() throws {
    try validateSolver()
    guard solverOrder > 0 else {
      throw DiffusionError(.badData, "solver_order is \(solverOrder): expected 1, 2 or 3")
    }
  }
}

/// The diffusion exponential integrator sampler (Zhang & Chen 2022, arXiv 2204.13902) with several predictions in a
/// step, as `diffusers.DEISMultistepScheduler` 0.42.1.
public struct DEISMultistepScheduler: ExponentialIntegrator {
  /// The class in Diffusers.
  public static let className = "DEISMultistepScheduler"
  /// The name on the command line.
  public static let shortName = "deis"

  /// The configuration.
  public let config: DEISMultistepSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The ratio of noise to image of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SolverSchedule
  /// The last predictions of the noise, the newest last.
  private var predictions: [[Float]] = []
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DEISMultistepSchedulerConfig = DEISMultistepSchedulerConfig()) throws {
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
    let steps = try schedule.steps(config, numInferenceSteps, end: config.numTrainTimesteps)
    timesteps = steps.timesteps
    // Diffusers repeats the last of respaced sigmas: the last step stays at its level.
    let last = config.solverSpacing == .timesteps ? Double(schedule.sigmas.training[0]) : steps.sigmas.last ?? 0
    sigmas = (steps.sigmas + [last]).map { Float($0) }
    (predictions, beginIndex) = ([], 0)
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    (predictions, beginIndex) = ([], 0)
  }

  /// Where a step leads to, where it starts, and where the steps before started, of which it uses the predictions.
  ///
  /// - Parameter known: The number of predictions from before the step.
  private func levels(at step: Int, known: Int) throws -> [SolverLevel] {
    _ = try timestep(at: step)
    let left = config.lowerOrderFinal && timesteps.count < 15 ? timesteps.count - step : 3
    return (0...max(1, min(config.solverOrder, step + 1, known + 1, left, 3))).map { level(step + 1 - $0) }
  }

  /// The integrals of Lagrange's polynomials through the last predictions, the newest first, in the logarithm of the
  /// ratio of noise to image.
  private static func weights(_ levels: [SolverLevel]) -> [Float] {
    let ratios = levels.map { $0.sigma / $0.alpha }, logs = ratios.map { FloatMath.numpyLog($0) }
    func integral(_ end: Int, _ own: Int, _ others: [Int]) -> Float {
      let (t, log, own, c) = (ratios[end], logs[end], logs[own], logs[others[0]])
      guard others.count > 1 else { return t * (-c + log - 1) / (own - c) }
      let d = logs[others[1]]
      let sum = c * (d - log + 1) - d * log + d + log * log - 2 * log + 2
      return t * sum / ((own - c) * (own - d))
    }
    let count = levels.count - 1
    return (0..<count).map { age in
      let others = (1..<count).map { 1 + (age + $0) % count }
      return integral(0, 1 + age, others) - integral(1, 1 + age, others)
    }
  }

  private static func prediction(_ age: Int) -> UpdateTerms.Operand {
    let number = ["\u{2081}", "\u{2082}"]
    return age == 0
      ? .predEpsilon : .init(.init("\u{03B5}\(number[age - 1])", ascii: "eps\(age)"), "predicted noise \(age) before")
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let levels = try levels(at: step, known: step - beginIndex)
    guard levels.count > 2 else { return solverTerms(at: step, Self.firstOrder(levels), order: 1) }
    let end = levels[0].alpha
    let terms = Self.weights(levels).enumerated().map {
      UpdateTerms.Term(.init("c_\($0.offset)"), end * $0.element, Self.prediction($0.offset))
    }
    return solverTerms(
      at: step, [.init(.init("c_x"), end / levels[1].alpha, .sample)] + terms, order: levels.count - 1)
  }

  private static func firstOrder(_ levels: [SolverLevel]) -> [UpdateTerms.Term] {
    DPMSolverUpdate(levels: levels, algorithm: .noise, solverType: .midpoint).terms
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let levels = try levels(at: step, known: predictions.count), order = levels.count - 1
    let original = try prediction(modelOutput, at: step, sample: sample).original
    // Diffusers divides by the ratio of noise to image where the model predicts the flow.
    let sigma = config.predictionType == .flowPrediction ? sigmas[step] : levels[1].sigma
    let epsilon = PredictionType.noise(in: sample.scalars, around: original, levels[1].alpha, sigma)
    let known = predictions + [epsilon]
    predictions = known.suffix(min(3, config.solverOrder))
    guard order > 1 else {
      return try output((original, epsilon), Self.firstOrder(levels), [:], sample: sample, noise: nil)
    }
    let used = known.suffix(order).reversed().enumerated().map { (Self.prediction($0.offset), $0.element) }
    let operands = Dictionary(used, uniquingKeysWith: { first, _ in first })
    var sum = sample.scalars.map { $0 / levels[1].alpha }
    for (weight, prediction) in zip(Self.weights(levels), known.reversed()) {
      for index in sum.indices { sum[index] += weight * prediction[index] }
    }
    return output((original, epsilon), sum.map { levels[0].alpha * $0 }, operands, sample: sample)
  }
}
