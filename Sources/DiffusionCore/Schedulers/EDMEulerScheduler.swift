/// The configuration of an ``EDMEulerScheduler`` (`EDMEulerScheduler.__init__` of diffusers 0.42.1).
public struct EDMEulerSchedulerConfig: EDMConfiguration {
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
  /// The sigma that the last step leads to.
  public var finalSigmasType = EulerDiscreteSchedulerConfig.FinalSigma.zero

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<EDMEulerSchedulerConfig>] = edmOptions

  /// Checks every option.
  public func validate() throws { try validateEDM() }
}

/// Euler's method for models with EDM's preconditioning (algorithm 2 of Karras et al. 2022, arXiv 2206.00364), as
/// `diffusers.EDMEulerScheduler` 0.42.1.
public struct EDMEulerScheduler: EDMScheduler {
  /// The class in Diffusers.
  public static let className = "EDMEulerScheduler"
  /// The name on the command line.
  public static let shortName = "edm-euler"
  /// The noise that may be added before a step.
  public static let stepOptions = EulerDiscreteScheduler.stepOptions

  /// The configuration.
  public let config: EDMEulerSchedulerConfig
  /// alpha-bar of the sigmas of training, 1 / (sigma^2 + 1), from the smallest sigma.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: quarters of the logarithms of sigma.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each step, followed by the one that the last step leads to.
  public private(set) var sigmas: [Float] = []
  /// The number of steps that the churn is shared among: those of the whole schedule, also where it is cut.
  private var churnedSteps = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: EDMEulerSchedulerConfig = EDMEulerSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = config.trainingAlphas
    let count = config.numTrainTimesteps
    use((0...count).map { Double($0) / Double(count) })
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    use(SigmaSchedule.linspace(0, 1, count: numInferenceSteps))
  }

  private mutating func use(_ shares: [Double]) {
    let chosen =
      config.sigmaSchedule == .karras
      ? shares.map { Float(config.sigma(at: $0)) } : config.exponentialSigmas(shares.count)
    timesteps = chosen.map(Self.modelTimestep)
    sigmas = chosen + [config.finalSigmasType == .zero ? 0 : chosen.last ?? 0]
    churnedSteps = chosen.count
  }

  /// Cuts the sigmas below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level.at(timestep: Self.modelTimestep(of: level.sigma)))
  }

  private func levels(at step: Int, _ options: SchedulerOptions) throws -> ChurnedSigma {
    _ = try timestep(at: step)
    return ChurnedSigma(sigmas[step], to: sigmas[step + 1], steps: churnedSteps, options)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let levels = try levels(at: step, options)
    return UpdateTerms(
      timestep: timesteps[step], place: trainingTimestep(ofSigma: levels.sigma),
      alphaCumprod: Self.alphaCumprod(of: levels.sigma), alphaCumprodPrev: Self.alphaCumprod(of: levels.next),
      sigma: levels.noiseScale,
      terms: [
        .init(.init(""), 1, levels.gamma > 0 ? .noisySample : .sample), .init(.sigmaChange, levels.change, .derivative),
      ],
      quantities: [.init(.sigma, "sigma", levels.sigmaHat), .init(.sigmaPrev, "sigma after", levels.next)])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let levels = try levels(at: step, options)
    try Self.check("model output", modelOutput, like: sample)
    let drawn = levels.gamma > 0 ? try noise() : nil
    if let drawn { try Self.check("variance noise", drawn, like: sample) }
    let start = levels.sample(sample.scalars, drawn)
    let original = denoised(start, modelOutput.scalars, sigma: levels.sigmaHat)
    let derivative = zip(start, original).map { ($0 - $1) / levels.sigmaHat }
    let previous = zip(start, derivative).map { $0 + $1 * levels.change }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    var operands = [UpdateTerms.Operand.derivative: tensor(derivative)]
    if drawn != nil { operands[.noisySample] = tensor(start) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      varianceNoise: drawn, operands: operands)
  }
}
