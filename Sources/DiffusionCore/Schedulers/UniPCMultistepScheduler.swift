/// The configuration of a ``UniPCMultistepScheduler`` (`UniPCMultistepScheduler.__init__` of diffusers 0.42.1).
public struct UniPCMultistepSchedulerConfig: SolverConfiguration {
  /// What the weights of a step are multiples of, for a step h of lambda (`solver_type`).
  public enum SolverType: String, Sendable, CaseIterable {
    /// h.
    case bh1
    /// e^h - 1.
    case bh2
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
  /// The largest number of predictions in a step, at least 1.
  public var solverOrder = 2
  /// What the model's output means.
  public var predictionType = SolverPredictionType.epsilon
  /// Whether the predicted original sample is thresholded dynamically.
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// Whether the predicted image is integrated; otherwise the predicted noise is.
  public var predictX0 = true
  /// What the weights of a step are multiples of.
  public var solverType = SolverType.bh2
  /// Whether the last steps are of lower orders.
  public var lowerOrderFinal = true
  /// The steps that the next step does not correct.
  public var disableCorrector: [Int] = []
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// Whether x_t is (1 - sigma) x_0 + sigma noise, with evenly spaced sigmas that are then shifted.
  public var useFlowSigmas = false
  /// How much those sigmas are shifted towards 1; 1 for not at all.
  public var flowShift = 1.0
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0
  /// The sigma that the last step leads to.
  public var finalSigmasType = EulerDiscreteSchedulerConfig.FinalSigma.zero
  /// Whether betas are rescaled so that the last product of alphas is nearly 0.
  public var rescaleBetasZeroSnr = false
  /// Whether a pipeline shifts the timesteps for its resolution; none does, so it has to be false.
  public var useDynamicShifting = false
  /// How it would shift them.
  public var timeShiftType = TimeShiftType.exponential
  /// The smallest sigma when they are respaced; nil for that of training.
  public var sigmaMin: Double?
  /// The largest sigma when they are respaced; nil for that of training.
  public var sigmaMax: Double?
  /// The last sigma of flow sigmas, to which they are stretched; nil or 0 for no stretching.
  public var shiftTerminal: Double?

  /// Its own ends of respaced sigmas.
  public var inheritedSigmas: InheritedSigmas {
    get { InheritedSigmas(min: sigmaMin, max: sigmaMax) }
    set { (sigmaMin, sigmaMax) = (newValue.min, newValue.max) }
  }

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<UniPCMultistepSchedulerConfig>] =
    betaOptions() + solverOptions + [
      .int("solver_order", \.solverOrder), .bool("predict_x0", \.predictX0),
      .name("solver_type", \.solverType, replacing: ["midpoint": .bh2, "heun": .bh2, "logrho": .bh2]),
      .bool("lower_order_final", \.lowerOrderFinal), .ints("disable_corrector", \.disableCorrector),
      .null("solver_p"), .name("final_sigmas_type", \.finalSigmasType),
      .bool("rescale_betas_zero_snr", \.rescaleBetasZeroSnr), .bool("use_dynamic_shifting", \.useDynamicShifting),
      .name("time_shift_type", \.timeShiftType), .optionalDouble("sigma_min", \.sigmaMin),
      .optionalDouble("sigma_max", \.sigmaMax), .optionalDouble("shift_terminal", \.shiftTerminal),
    ]

  /// Whether the predicted image is integrated.
  public var integratesImage: Bool { predictX0 }
  /// Whether what is integrated is thresholded: a predicted noise is not.
  public var limitsPrediction: Bool { thresholding && predictX0 }

  /// Checks every option.
  public func validate() throws {
    try validateSolver()
    guard solverOrder > 0 else { throw DiffusionError(.badData, "solver_order is \(solverOrder): expected at least 1") }
    guard !useDynamicShifting else {
      throw DiffusionError(
        .badData, "use_dynamic_shifting is true: expected false, since no pipeline here shifts timesteps")
    }
    guard shiftTerminal == nil || useFlowSigmas else {
      throw DiffusionError(
        .badData, "shift_terminal is \(shiftTerminal ?? 0): expected null where use_flow_sigmas is false")
    }
  }
}

/// UniPC, a predictor and a corrector that share their model calls (Zhao et al. 2023, arXiv 2302.04867), as
/// `diffusers.UniPCMultistepScheduler` 0.42.1.
public struct UniPCMultistepScheduler: ExponentialIntegrator {
  /// The class in Diffusers.
  public static let className = "UniPCMultistepScheduler"
  /// The name on the command line.
  public static let shortName = "unipc"

  /// The configuration.
  public let config: UniPCMultistepSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]
  /// The ratio of noise to image of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float]
  private let schedule: SolverSchedule
  /// The last predictions, the newest last.
  private var predictions: [[Float]] = []
  /// The sample that the last step started from, corrected.
  private var lastSample: [Float] = []
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: UniPCMultistepSchedulerConfig = UniPCMultistepSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SolverSchedule(config, rescaledToZeroSNR: config.rescaleBetasZeroSnr)
    alphasCumprod = schedule.sigmas.alphasCumprod
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
    sigmas = schedule.sigmas.training.reversed() + [0]
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and for sigmas that have no logarithm.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    var steps = try schedule.steps(config, numInferenceSteps, end: config.numTrainTimesteps)
    if config.useFlowSigmas, let chosen = flowSigmas(steps.sigmas, count: numInferenceSteps) {
      steps = (chosen.map { Float(($0 * Double(config.numTrainTimesteps)).rounded(.towardZero)) }, chosen)
    }
    timesteps = steps.timesteps
    let last = config.finalSigmasType == .zero ? 0 : schedule.smallest(config, steps.sigmas)
    sigmas = (steps.sigmas + [last]).map { Float($0) }
    (predictions, lastSample, beginIndex) = ([], [], 0)
  }

  /// Flow sigmas from 1 down, or of Karras' sigmas; nil for other spacings, which Diffusers leaves as they are.
  private func flowSigmas(_ sigmas: [Double], count: Int) -> [Double]? {
    switch config.solverSpacing {
    case .karras: return sigmas.map { $0 / ($0 + 1) }
    case .flow(let shift):
      let even = SigmaSchedule.linspace(1, 1 / Double(config.numTrainTimesteps), count: count + 1).dropLast()
      var chosen = even.map { shift * $0 / (1 + (shift - 1) * $0) }
      if let terminal = config.shiftTerminal, terminal != 0, let last = chosen.last {
        let scale = (1 - last) / (1 - terminal)
        chosen = chosen.map { 1 - (1 - $0) / scale }
      }
      // alpha, 1 - sigma, would be 0.
      if let first = chosen.first, (first - 1).magnitude < 1e-6 { chosen[0] -= 1e-6 }
      return chosen
    case .timesteps, .exponential, .beta, .lu: return nil
    }
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    (predictions, lastSample, beginIndex) = ([], [], 0)
  }

  /// Whether a step first corrects its sample, with the prediction that the step before lacked.
  ///
  /// - Parameter known: The number of predictions from before the step.
  private func corrects(at step: Int, known: Int) -> Bool {
    step > 0 && known > 0 && !config.disableCorrector.contains(step - 1)
  }

  private func update(at step: Int, known: Int, corrects: Bool) throws -> UniPCUpdate {
    _ = try timestep(at: step)
    let most = config.lowerOrderFinal ? min(config.solverOrder, timesteps.count - step) : config.solverOrder
    let order = max(1, min(most, step + 1, known + 1))
    return try UniPCUpdate(
      (0...order).map { level(step + 1 - $0) }, integratesImage: config.predictX0,
      solverType: config.solverType, corrects: corrects)
  }

  private var operand: UpdateTerms.Operand { config.predictX0 ? .predOriginalSample : .predEpsilon }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let known = step - beginIndex, update = try update(at: step, known: known, corrects: false)
    let start = corrects(at: step, known: known) ? UniPCUpdate.corrected : .sample
    return solverTerms(at: step, update.terms(of: start, operand), order: update.order)
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let update = try update(at: step, known: predictions.count, corrects: false)
    let prediction = try prediction(modelOutput, at: step, sample: sample)
    let newest = config.predictX0 ? prediction.original : prediction.epsilon
    let corrects = corrects(at: step, known: predictions.count)
    let start = corrects ? try corrected(newest, at: step) : sample.scalars
    predictions = (predictions + [newest]).suffix(config.solverOrder)
    lastSample = start
    var operands = [UniPCUpdate.differences: update.differences(predictions)]
    if corrects { operands[UniPCUpdate.corrected] = start }
    return try output(
      prediction, update.terms(of: corrects ? UniPCUpdate.corrected : .sample, operand), operands, sample: sample,
      noise: nil)
  }

  /// The sample of a step, computed again from the step before with the prediction at its end.
  private func corrected(_ next: [Float], at step: Int) throws -> [Float] {
    let update = try update(at: step - 1, known: predictions.count - 1, corrects: true)
    guard let last = predictions.last else { return lastSample }
    return UpdateTerms.Term.sum(
      update.terms(of: .sample, operand),
      [
        .sample: lastSample, operand: last, UniPCUpdate.differences: update.differences(predictions, next: next),
      ])
  }
}
