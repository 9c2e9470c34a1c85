/// The configuration of a ``CMStochasticIterativeScheduler`` (`CMStochasticIterativeScheduler.__init__` of diffusers
/// 0.42.1).
public struct CMStochasticIterativeSchedulerConfig: KarrasConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 40
  /// The smallest sigma.
  public var sigmaMin = 0.002
  /// The largest sigma.
  public var sigmaMax = 80.0
  /// The standard deviation of the images that the model was trained on.
  public var sigmaData = 0.5
  /// The standard deviation of the noise of each step, before its sigma.
  public var sNoise = 1.0
  /// The root in which sigmas are evenly spaced.
  public var rho = 7.0
  /// Whether the predicted image is clipped to -1 to 1.
  public var clipDenoised = true
  /// The places of a run among those of training, descending, an argument of `set_timesteps`; nil for as many as there
  /// are steps.
  public var timesteps: [Int]?

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<CMStochasticIterativeSchedulerConfig>] =
    karrasOptions + [.double("s_noise", \.sNoise), .bool("clip_denoised", \.clipDenoised)]

  /// The places of a run.
  public static let scheduleOptions: [ConfigurationOption<CMStochasticIterativeSchedulerConfig>] = [
    .optionalInts("timesteps", \.timesteps)
  ]

  /// Checks every option.
  public func validate() throws {
    try validateKarras()
    guard let timesteps else { return }
    let descends = zip(timesteps, timesteps.dropFirst()).allSatisfy { $0 > $1 }
    guard let first = timesteps.first, first < numTrainTimesteps, descends, timesteps.allSatisfy({ $0 > -1_000_000 })
    else {
      throw DiffusionError(
        .badData,
        "timesteps is \(timesteps): expected descending whole numbers below num_train_timesteps, "
          + "\(numTrainTimesteps)")
    }
  }
}

/// Multistep sampling of consistency models (Song et al. 2023, arXiv 2303.01469), as
/// `diffusers.CMStochasticIterativeScheduler` 0.42.1.
///
/// Each step goes to the predicted image, and back with fresh noise. Timesteps are 250 times the logarithms of sigma.
public struct CMStochasticIterativeScheduler: VarianceExplodingScheduler {
  /// The class in Diffusers.
  public static let className = "CMStochasticIterativeScheduler"
  /// The name on the command line.
  public static let shortName = "cm"
  /// Timesteps are 250 times the logarithms of sigma.
  public static let tells = NoiseTold.scaledLogarithm

  /// The configuration.
  public let config: CMStochasticIterativeSchedulerConfig
  /// alpha-bar of the sigmas of training, 1 / (sigma^2 + 1), from the smallest sigma.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each step, followed by the smallest.
  public private(set) var sigmas: [Float] = []

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: CMStochasticIterativeSchedulerConfig = CMStochasticIterativeSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    let sigmas = SigmaSchedule.linspace(0, 1, count: config.numTrainTimesteps).map(config.sigma)
    alphasCumprod = sigmas.reversed().map { 1 / (Float($0) * Float($0) + 1) }
    use(sigmas)
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a number out of range, unless the configuration has the timesteps.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    let count = config.numTrainTimesteps
    if let places = config.timesteps { return use(places.reversed().map { config.sigma(at: share($0)) }) }
    try Self.check(steps: numInferenceSteps, most: count)
    use((0..<numInferenceSteps).map { config.sigma(at: share($0 * (count / numInferenceSteps))) })
  }

  private func share(_ place: Int) -> Double { Double(place) / Double(config.numTrainTimesteps - 1) }

  private mutating func use(_ chosen: [Double]) {
    sigmas = chosen.map { Float($0) } + [Float(config.sigmaMin)]
    timesteps = chosen.map(Self.modelTimestep)
  }

  /// The timestep that the model receives for a sigma.
  private static func modelTimestep(of sigma: Double) -> Float { Float(1000 * 0.25 * DoubleMath.log(sigma + 1e-44)) }

  /// Cuts the sigmas below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level.at(timestep: Self.modelTimestep(of: Double(level.sigma))))
  }

  /// sigma_max.
  public var initNoiseSigma: Float { Float(config.sigmaMax) }

  /// The sample divided by sqrt(sigma^2 + sigma_data^2).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    let divisor = (sigmas[step] * sigmas[step] + variance).squareRoot()
    return sample.map { $0 / divisor }
  }

  private var variance: Float { Float(config.sigmaData * config.sigmaData) }

  /// The factor of the noise in a step, apart from `s_noise`.
  private func noiseRoot(at step: Int) -> Float {
    let next = clamp(sigmas[step + 1], Float(config.sigmaMin), Float(config.sigmaMax))
    return (next * next - Float(config.sigmaMin * config.sigmaMin)).squareRoot()
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    _ = try timestep(at: step)
    let (sigma, next) = (sigmas[step], sigmas[step + 1])
    let noise = timesteps.count > 1 ? Float(config.sNoise) * noiseRoot(at: step) : 0
    return UpdateTerms(
      timestep: timesteps[step], place: trainingTimestep(ofSigma: sigma), alphaCumprod: Self.alphaCumprod(of: sigma),
      alphaCumprodPrev: Self.alphaCumprod(of: next), sigma: noise,
      terms: [
        .init(.init(""), 1, .predOriginalSample),
        .init(
          .init(
            "\u{221A}(\u{03C3}_prev\u{00B2}\u{2212}\u{03C3}_min\u{00B2})", ascii: "sqrt(sigma_prev^2 - sigma_min^2)"),
          noise, .noise),
      ],
      quantities: [.init(.sigma, "sigma", sigma), .init(.sigmaPrev, "sigma after", next)])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let sigma = sigmas[step], distance = sigma - Float(config.sigmaMin)
    let skip = (1 / (distance * distance + variance)) * variance
    let out = distance * Float(config.sigmaData) / (sigma * sigma + variance).squareRoot()
    var original = zip(modelOutput.scalars, sample.scalars).map { out * $0 + skip * $1 }
    if config.clipDenoised { original = original.map { clamp($0, -1, 1) } }
    let drawn = timesteps.count > 1 ? try noise() : nil
    if let drawn { try Self.check("variance noise", drawn, like: sample) }
    let (root, deviation) = (noiseRoot(at: step), Float(config.sNoise))
    let added = drawn?.scalars ?? original.map { _ in 0 }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(zip(original, added).map { $0 + $1 * deviation * root }), predOriginalSample: tensor(original),
      predEpsilon: tensor(zip(sample.scalars, original).map { ($0 - $1) / sigma }), varianceNoise: drawn)
  }
}
