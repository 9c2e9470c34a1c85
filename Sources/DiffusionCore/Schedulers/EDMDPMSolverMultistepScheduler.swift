/// The configuration of an ``EDMDPMSolverMultistepScheduler`` (`EDMDPMSolverMultistepScheduler.__init__` of diffusers
/// 0.42.1).
public struct EDMDPMSolverMultistepSchedulerConfig: EDMConfiguration {
  /// The smallest sigma.
  public var sigmaMin = 0.002
  /// The largest sigma.
  public var sigmaMax = 80.0
  /// The standard deviation of the images that the model was trained on.
  public var sigmaData = 0.5
  /// How sigmas are spaced.
  public var sigmaSchedule = EDMSigmaSchedule.karras
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// What the model's output means: `epsilon` or `v_prediction`.
  public var predictionType = PredictionType.epsilon
  /// The root in which sigmas are evenly spaced.
  public var rho = 7.0
  /// The largest number of predictions in a step, at least 1; more than 3 are as 3.
  public var solverOrder = 2
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  public var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  public var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  public var sampleMaxValue = 1.0
  /// Whether noise is added: the predicted image is integrated either way.
  public var algorithmType = DPMSolver.Algorithm.image
  /// The form of the second-order step.
  public var solverType = DPMSolver.SolverType.midpoint
  /// Whether the last two steps of fewer than 15 are of a lower order.
  public var lowerOrderFinal = true
  /// Whether the last step is of the first order.
  public var eulerAtFinal = false
  /// The sigma that the last step leads to.
  public var finalSigmasType = EulerDiscreteSchedulerConfig.FinalSigma.zero

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<EDMDPMSolverMultistepSchedulerConfig>] =
    edmOptions + [
      .int("solver_order", \.solverOrder), .bool("thresholding", \.thresholding),
      .double("dynamic_thresholding_ratio", \.dynamicThresholdingRatio), .double("sample_max_value", \.sampleMaxValue),
      .algorithm(\.algorithmType, among: [.image, .stochasticImage]),
      .name(
        "solver_type", \.solverType, replacing: ["logrho": .midpoint, "bh1": .midpoint, "bh2": .midpoint]),
      .bool("lower_order_final", \.lowerOrderFinal), .bool("euler_at_final", \.eulerAtFinal),
    ]

  var limits: SampleLimits {
    SampleLimits(
      thresholding: thresholding, dynamicThresholdingRatio: dynamicThresholdingRatio, sampleMaxValue: sampleMaxValue)
  }

  /// Checks every option.
  public func validate() throws {
    try validateEDM()
    try limits.validate()
    guard solverOrder > 0 else {
      throw DiffusionError(.badData, "solver_order is \(solverOrder): expected 1, 2 or 3")
    }
  }
}

/// DPM-Solver++ (Lu et al. 2022, arXiv 2211.01095) for models with EDM's preconditioning, with several predictions in a
/// step, as `diffusers.EDMDPMSolverMultistepScheduler` 0.42.1.
public struct EDMDPMSolverMultistepScheduler: EDMScheduler {
  /// The class in Diffusers.
  public static let className = "EDMDPMSolverMultistepScheduler"
  /// The name on the command line.
  public static let shortName = "edm-dpm"

  /// The configuration.
  public let config: EDMDPMSolverMultistepSchedulerConfig
  /// alpha-bar of the sigmas of training, 1 / (sigma^2 + 1), from the smallest sigma.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: quarters of the logarithms of sigma.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float] = []
  /// The last predictions of the image, the newest last.
  private var predictions: [[Float]] = []
  /// The step that the run starts with, before which there are no predictions.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: EDMDPMSolverMultistepSchedulerConfig = EDMDPMSolverMultistepSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = config.trainingAlphas
    use(config.numTrainTimesteps, last: 0)
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and where no step is possible.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    use(numInferenceSteps, last: config.finalSigmasType == .zero ? 0 : Float(config.sigmaMin))
    (predictions, beginIndex) = ([], 0)
    guard config.algorithmType == .stochasticImage, timesteps.indices.contains(where: { order(at: $0, known: $0) > 2 })
    else {
      return
    }
    throw DiffusionError(
      .usage, "solver_order is \(config.solverOrder): algorithm_type sde-dpmsolver++ expects 1 or 2")
  }

  /// Sigmas whose rho-th roots are binary32, as the class spaces them.
  private mutating func use(_ count: Int, last: Float) {
    let (high, low) = config.roots, difference = Float(low - high)
    let chosen =
      config.sigmaSchedule == .karras
      ? NoiseSchedule.linspace(Float(0), 1, count: count).map {
        Float(DoubleMath.pow(Double(Float(high) + $0 * difference), config.rho))
      } : config.exponentialSigmas(count)
    timesteps = chosen.map(Self.modelTimestep)
    sigmas = chosen + [last]
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without predictions.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level.at(timestep: Self.modelTimestep(of: level.sigma)))
    (predictions, beginIndex) = ([], 0)
  }

  /// The number of predictions in a step.
  ///
  /// - Parameter known: The number of predictions from before the step.
  private func order(at step: Int, known: Int) -> Int {
    DPMSolver.order(
      at: step, of: timesteps.count, known: known, most: config.solverOrder, lowersFinal: config.lowerOrderFinal,
      endsFirst: config.eulerAtFinal || config.finalSigmasType == .zero)
  }

  private func update(at step: Int, known: Int) throws -> DPMSolverUpdate {
    _ = try timestep(at: step)
    return DPMSolverUpdate(
      levels: (0...order(at: step, known: known)).map { SolverLevel(varianceExploding: sigmas[step + 1 - $0]) },
      algorithm: config.algorithmType, solverType: config.solverType)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let update = try update(at: step, known: step - beginIndex), terms = update.terms
    return UpdateTerms(
      timestep: timesteps[step], place: trainingTimestep(ofSigma: sigmas[step]),
      alphaCumprod: Self.alphaCumprod(of: sigmas[step]), alphaCumprodPrev: Self.alphaCumprod(of: sigmas[step + 1]),
      sigma: terms.first { $0.operand == .noise }?.coefficient ?? 0, terms: terms,
      quantities: [
        .init(.sigma, "sigma", sigmas[step]), .init(.sigmaPrev, "sigma after", sigmas[step + 1]),
        .init(.init("h"), "lambda step", update.levels[0].lambda - update.levels[1].lambda),
        .init(.init("k"), "order", Float(update.levels.count - 1)),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let update = try update(at: step, known: predictions.count), sigma = sigmas[step]
    try Self.check("model output", modelOutput, like: sample)
    let original = config.limits.applied(
      to: denoised(sample.scalars, modelOutput.scalars, sigma: sigma), shape: sample.shape)
    let known = predictions + [original]
    let drawn = config.algorithmType.isStochastic ? try noise() : nil
    if let drawn { try Self.check("variance noise", drawn, like: sample) }
    predictions = known.suffix(min(3, config.solverOrder))
    let differences = update.differences(known)
    var all = differences.merging([.sample: sample.scalars, .predOriginalSample: original]) { own, _ in own }
    if let drawn { all[.noise] = drawn.scalars }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(UpdateTerms.Term.sum(update.terms, all)), predOriginalSample: tensor(original),
      predEpsilon: tensor(zip(sample.scalars, original).map { ($0 - $1) / sigma }), varianceNoise: drawn,
      operands: differences.mapValues(tensor))
  }
}
