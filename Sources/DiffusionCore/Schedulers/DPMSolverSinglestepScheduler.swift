/// The configuration of a ``DPMSolverSinglestepScheduler`` (`DPMSolverSinglestepScheduler.__init__` of diffusers
/// 0.42.1).
public struct DPMSolverSinglestepSchedulerConfig: SolverConfiguration {
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
  /// The largest number of model calls in a step of the method, 1 to 3.
  public var solverOrder = 2
  /// What the model's output means.
  public var predictionType = SolverPredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically.
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// What is integrated, and whether noise is added; all but `sde-dpmsolver`.
  public var algorithmType = DPMSolver.Algorithm.image
  /// The form of the steps of second and third order.
  public var solverType = DPMSolver.SolverType.midpoint
  /// Whether a run ends with steps of lower orders, as one does whose steps are no multiple of the order.
  public var lowerOrderFinal = false
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
  /// The sigma that the last step leads to.
  public var finalSigmasType = EulerDiscreteSchedulerConfig.FinalSigma.zero
  /// The smallest lambda, the logarithm of the ratio of image to noise, whose timestep is used.
  public var lambdaMinClipped = -Double.infinity
  /// The variance that the model predicts too, if it does; it is left out.
  public var varianceType: DDPMSchedulerConfig.VarianceType?
  /// Whether a pipeline for flow matching shifts the timesteps for its resolution; others do not.
  public var useDynamicShifting = false
  /// How it shifts them.
  public var timeShiftType = TimeShiftType.exponential
  /// How the timesteps of a run are chosen: evenly. The class has no option for it.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to timesteps: nothing. The class has no option for it.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DPMSolverSinglestepSchedulerConfig>] =
    (betaOptions() + solverOptions).filter { !["timestep_spacing", "steps_offset"].contains($0.name) } + [
      .int("solver_order", \.solverOrder),
      .algorithm(\.algorithmType, among: [.noise, .image, .stochasticImage]),
      .name(
        "solver_type", \.solverType, replacing: ["logrho": .midpoint, "bh1": .midpoint, "bh2": .midpoint]),
      .bool("lower_order_final", \.lowerOrderFinal), .name("final_sigmas_type", \.finalSigmasType),
      .double("lambda_min_clipped", \.lambdaMinClipped), .optionalName("variance_type", \.varianceType),
      .bool("use_dynamic_shifting", \.useDynamicShifting), .name("time_shift_type", \.timeShiftType),
    ]

  /// Whether the algorithm integrates the predicted image; otherwise it integrates the predicted noise.
  public var integratesImage: Bool { algorithmType.integratesImage }
  /// Whether the model predicts variances too.
  public var dropsVariance: Bool { varianceType == .learned || varianceType == .learnedRange }

  /// Checks every option.
  public func validate() throws {
    try validateSolver()
    guard (1...3).contains(solverOrder) else {
      throw DiffusionError(.badData, "solver_order is \(solverOrder): expected 1, 2 or 3")
    }
    guard integratesImage || finalSigmasType != .zero else {
      throw DiffusionError(
        .badData,
        "algorithm_type is \(algorithmType.rawValue): it expects final_sigmas_type sigma_min, found zero; set one of "
          + "the two")
    }
    guard integratesImage || !thresholding else {
      throw DiffusionError(
        .badData, "thresholding is true: expected false for algorithm_type \(algorithmType.rawValue)")
    }
  }
}

/// DPM-Solver and DPM-Solver++ (Lu et al. 2022, arXiv 2206.00927 and 2211.01095) with up to three model calls in a step
/// of the method, each of which is a step of the run, as `diffusers.DPMSolverSinglestepScheduler` 0.42.1.
public struct DPMSolverSinglestepScheduler: ExponentialIntegrator {
  /// The class in Diffusers.
  public static let className = "DPMSolverSinglestepScheduler"
  /// The name on the command line.
  public static let shortName = "dpm-single"

  /// The configuration.
  public let config: DPMSolverSinglestepSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The ratio of noise to image of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SolverSchedule
  /// The order of each step: 1 where a step of the method begins.
  private var orders: [Int] = []
  /// The last predictions, the newest last.
  private var predictions: [[Float]] = []
  /// The sample that the step of the method under way started from.
  private var methodSample: [Float] = []
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DPMSolverSinglestepSchedulerConfig = DPMSolverSinglestepSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SolverSchedule(config)
    alphasCumprod = schedule.sigmas.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
    sigmas = schedule.sigmas.training.reversed() + [0]
    forget()
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and for sigmas that have no logarithm.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let steps = try schedule.steps(
      config, numInferenceSteps, end: schedule.end(lambdaMin: config.lambdaMinClipped))
    timesteps = steps.timesteps
    sigmas = steps.sigmas.map { Float($0) } + [config.finalSigmasType == .zero ? 0 : schedule.sigmas.training[0]]
    forget()
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    forget()
  }

  private mutating func forget() {
    (predictions, methodSample, beginIndex) = ([], [], 0)
    // From 1 to the order, again and again. The last is 1, or 2 where two steps are left of three, unless all are whole
    // and the run does not lead to sigma 0.
    let (count, order) = (timesteps.count, config.solverOrder)
    orders = (0..<count).map { 1 + $0 % order }
    let isCut = config.lowerOrderFinal || count % order != 0 || config.finalSigmasType == .zero
    guard isCut, let last = orders.indices.last else { return }
    orders[last] = order == 3 && count % 3 == 2 ? 2 : 1
    if config.finalSigmasType == .zero { orders[last] = 1 }
  }

  /// - Parameter known: The number of predictions from before the step.
  private func update(at step: Int, known: Int) throws -> DPMSolverSinglestepUpdate {
    _ = try timestep(at: step)
    let order = max(1, min(orders[step], step + 1, known + 1))
    return DPMSolverSinglestepUpdate(
      levels: (0...order).map { level(step + 1 - $0) }, algorithm: config.algorithmType, solverType: config.solverType)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let update = try update(at: step, known: step - beginIndex)
    return solverTerms(at: step, update.terms, order: update.levels.count - 1)
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let update = try update(at: step, known: predictions.count), order = update.levels.count - 1
    let prediction = try prediction(modelOutput, at: step, sample: sample)
    let known = predictions + [config.integratesImage ? prediction.original : prediction.epsilon]
    let drawn = config.algorithmType.isStochastic ? try noise() : nil
    predictions = known.suffix(3)
    if order == 1 { methodSample = sample.scalars }
    return try output(
      prediction, update.terms, update.operands(known, sample: methodSample), sample: sample, noise: drawn)
  }
}
