/// The configuration of a ``DPMSolverMultistepInverseScheduler`` (`DPMSolverMultistepInverseScheduler.__init__` of
/// diffusers 0.42.1).
public struct DPMSolverMultistepInverseSchedulerConfig: SolverConfiguration {
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
  /// What is integrated, and whether noise is added.
  public var algorithmType = DPMSolver.Algorithm.image
  /// The form of the second-order step.
  public var solverType = DPMSolver.SolverType.midpoint
  /// Whether the last two steps of fewer than 15 are of a lower order.
  public var lowerOrderFinal = true
  /// Whether the last step is of the first order.
  public var eulerAtFinal = false
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The ends of respaced sigmas, which the file of another class may have.
  public var inheritedSigmas = InheritedSigmas()
  /// Whether x_t is (1 - sigma) x_0 + sigma noise. Diffusers' sigmas then fall, as on the way back.
  public var useFlowSigmas = false
  /// How much those sigmas are shifted towards 1; 1 for not at all.
  public var flowShift = 1.0
  /// The smallest lambda, the logarithm of the ratio of image to noise, whose timestep is used.
  public var lambdaMinClipped = -Double.infinity
  /// The variance that the model predicts too, if it does; it is left out.
  public var varianceType: DDPMSchedulerConfig.VarianceType?
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DPMSolverMultistepInverseSchedulerConfig>] =
    betaOptions() + solverOptions + [
      .int("solver_order", \.solverOrder),
      .name("algorithm_type", \.algorithmType, replacing: ["deis": .image]),
      .name(
        "solver_type", \.solverType, replacing: ["logrho": .midpoint, "bh1": .midpoint, "bh2": .midpoint]),
      .bool("lower_order_final", \.lowerOrderFinal), .bool("euler_at_final", \.eulerAtFinal),
      .double("lambda_min_clipped", \.lambdaMinClipped), .optionalName("variance_type", \.varianceType),
    ]

  /// Whether the algorithm integrates the predicted image; otherwise it integrates the predicted noise.
  public var integratesImage: Bool { algorithmType.integratesImage }
  /// Whether the model predicts variances too.
  public var dropsVariance: Bool { varianceType == .learned || varianceType == .learnedRange }

  /// Checks every option.
  public func validate() throws {
    try validateSolver()
    guard solverOrder > 0 else {
      throw DiffusionError(.badData, "solver_order is \(solverOrder): expected 1, 2 or 3")
    }
  }
}

/// DPM-Solver and DPM-Solver++ from an image to its noise, as `diffusers.DPMSolverMultistepInverseScheduler` 0.42.1:
/// the steps of ``DPMSolverMultistepScheduler`` over rising sigmas.
public struct DPMSolverMultistepInverseScheduler: ExponentialIntegrator, InverseScheduler {
  /// The class in Diffusers.
  public static let className = "DPMSolverMultistepInverseScheduler"
  /// The name on the command line.
  public static let shortName = "dpm-multi-inverse"
  /// DPM-Solver with several predictions in a step.
  public static let reversedClass = DPMSolverMultistepScheduler.className

  /// The configuration.
  public let config: DPMSolverMultistepInverseSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The ratio of noise to image of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SolverSchedule
  /// The timestep that the last step leads to.
  private var end: Float
  /// The last predictions, the newest last.
  private var predictions: [[Float]] = []
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DPMSolverMultistepInverseSchedulerConfig = DPMSolverMultistepInverseSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SolverSchedule(config)
    alphasCumprod = schedule.sigmas.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).map(Float.init)
    end = Float(config.numTrainTimesteps - 1)
    sigmas = schedule.sigmas.training + schedule.sigmas.training.suffix(1)
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and where no step is possible.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let count = schedule.end(lambdaMin: config.lambdaMinClipped)
    let steps = try schedule.risingSteps(config, numInferenceSteps, end: count)
    let isEven = config.solverSpacing == .timesteps, isWhole = isEven || config.solverSpacing == .karras
    sigmas = (steps.sigmas + [isEven ? Double(schedule.sigmas.training[count - 1]) : steps.sigmas.last ?? 0])
      .map { Float($0) }
    var found: Set<Float> = []
    // Diffusers drops timesteps that occur again before it cuts them to whole ones, but not their sigmas.
    timesteps = isWhole ? steps.timesteps.filter { found.insert($0).inserted } : steps.timesteps
    end = isEven ? Float(count - 1) : timesteps.last ?? 0
    (predictions, beginIndex) = ([], 0)
    // Diffusers takes the second of two equal first timesteps for the first step (`_init_step_index`).
    if timesteps.count > 1, timesteps[0] == timesteps[1], timesteps.count + 1 >= sigmas.count {
      throw DiffusionError(
        .usage,
        "\(numInferenceSteps) steps of \(Self.className) begin with timestep \(timesteps[0].wholeText) twice, and "
          + "there is no sigma for the last: ask for fewer steps, or for other sigmas")
    }
    guard config.algorithmType.isStochastic, timesteps.indices.contains(where: { order(at: $0, known: $0) > 2 }) else {
      return
    }
    throw DiffusionError(
      .usage,
      "solver_order is \(config.solverOrder): algorithm_type \(config.algorithmType.rawValue) expects 1 or 2 here")
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// The sigma of the step, or the one that the last step leads to.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    let timestep = step == timesteps.count ? end : try timestep(at: step)
    return noiseLevel(timestep, sigmas[step])
  }

  /// Cuts the sigmas above a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    let sigma = config.useFlowSigmas ? level.sigma / (level.sigma + 1) : level.sigma
    let above = timesteps.indices.filter { sigmas[$0] > sigma }
    let first = timesteps.indices.first { sigmas[$0] == sigma }.map { timesteps[$0] } ?? level.timestep
    let later = above.map { sigmas[$0] } + sigmas[timesteps.count...]
    guard let last = later.last, last > sigma else { return try Self.requireSteps([], above: level.timestep) }
    (timesteps, sigmas) = ([first] + above.map { timesteps[$0] }, [sigma] + later)
    (predictions, beginIndex) = ([], 0)
  }

  /// The number of predictions in a step.
  ///
  /// - Parameter known: The number of predictions from before the step.
  private func order(at step: Int, known: Int) -> Int {
    DPMSolver.order(
      at: step, of: timesteps.count, known: known, most: config.solverOrder, lowersFinal: config.lowerOrderFinal,
      endsFirst: config.eulerAtFinal)
  }

  private func update(at step: Int, known: Int) throws -> DPMSolverUpdate {
    _ = try timestep(at: step)
    return DPMSolverUpdate(
      levels: (0...order(at: step, known: known)).map { level(step + 1 - $0) }, algorithm: config.algorithmType,
      solverType: config.solverType)
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
    let update = try update(at: step, known: predictions.count)
    let prediction = try prediction(modelOutput, at: step, sample: sample)
    let known = predictions + [config.integratesImage ? prediction.original : prediction.epsilon]
    let drawn = config.algorithmType.isStochastic ? try noise() : nil
    predictions = known.suffix(min(3, config.solverOrder))
    return try output(prediction, update.terms, update.differences(known), sample: sample, noise: drawn)
  }
}
