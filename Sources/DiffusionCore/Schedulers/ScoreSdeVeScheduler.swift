/// The configuration of a ``ScoreSdeVeScheduler`` (`ScoreSdeVeScheduler.__init__` of diffusers 0.42.1).
public struct ScoreSdeVeSchedulerConfig: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 2000
  /// The corrector's ratio of signal to noise.
  public var snr = 0.15
  /// The smallest noise level, above 0.
  public var sigmaMin = 0.01
  /// The largest noise level, above 0.
  public var sigmaMax = 1348.0
  /// The last timestep; the first is 1.
  public var samplingEps = 1e-5
  /// The number of the corrector's model calls in each step; none for 0 and below.
  public var correctSteps = 1

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<ScoreSdeVeSchedulerConfig>] = [
    .int("num_train_timesteps", \.numTrainTimesteps), .double("snr", \.snr), .double("sigma_min", \.sigmaMin),
    .double("sigma_max", \.sigmaMax), .double("sampling_eps", \.samplingEps), .int("correct_steps", \.correctSteps),
  ]

  /// Checks every option.
  public func validate() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    for (name, sigma) in [("sigma_min", sigmaMin), ("sigma_max", sigmaMax)] {
      guard sigma > 0, sigma.isFinite else {
        throw DiffusionError(.badData, "\(name) is \(sigma): expected a number above 0, which has a logarithm")
      }
    }
  }
}

/// The reverse of a variance-exploding diffusion, as a stochastic differential equation (Song et al. 2021, arXiv
/// 2011.13456), as `diffusers.ScoreSdeVeScheduler` 0.42.1 and `ScoreSdeVePipeline` use it.
///
/// A step is `correct_steps` model calls of Langevin dynamics at the sample's own noise level, the corrector, and one
/// that leads to the next level, the predictor. Each draws noise. The last step leaves its noise out, so that the run
/// ends with `prev_sample_mean`.
public struct ScoreSdeVeScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "ScoreSdeVeScheduler"
  /// The name on the command line.
  public static let shortName = "score-sde-ve"
  /// Timesteps go from 1 to nearly 0.
  public static let tells = NoiseTold.sigma

  /// The noise levels of a step.
  struct Level: Sendable, Equatable {
    /// From 1 to nearly 0.
    let timestep: Float
    /// The level that the model is told (`sigmas`).
    let told: Float
    /// The levels of the step's start and end (`discrete_sigmas`).
    let from, to: Float
  }

  /// The configuration.
  public let config: ScoreSdeVeSchedulerConfig
  /// 1 / (sigma^2 + 1) for each training timestep.
  public let alphasCumprod: [Float]
  private(set) var levels: [Level] = []
  /// The noise levels that `addNoise` takes indices of, from small to large (`discrete_sigmas`).
  private var table: [Float] = []
  /// The sample after the corrector's calls so far, in a step under way.
  private var corrected: (sample: Tensor<Float>, calls: Int)?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: ScoreSdeVeSchedulerConfig = ScoreSdeVeSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = Self.table(config, count: config.numTrainTimesteps).map { 1 / ($0 * $0 + 1) }
    try setTimesteps(config.numTrainTimesteps)
  }

  /// The timesteps of the run, from 1 to `sampling_eps`.
  public var timesteps: [Float] { levels.map(\.timestep) }
  /// The largest noise level.
  public var initNoiseSigma: Float { Float(config.sigmaMax) }
  /// Variance exploding.
  public var scale: NoiseLevel.Scale { .varianceExploding }
  /// Whether there is a corrector: the length of its steps is a mean over the batch.
  public var mixesImages: Bool { config.correctSteps > 0 }
  /// The corrector's calls and the predictor's.
  public func modelCalls(at step: Int) -> Int { max(0, config.correctSteps) + 1 }

  /// Chooses the timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, and for timesteps beyond the noise levels.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let table = Self.table(config, count: numInferenceSteps), count = table.count
    let (low, ratio) = (Float(config.sigmaMin), Double(Float(config.sigmaMax / config.sigmaMin)))
    levels = try NoiseSchedule.linspace(1, Float(config.samplingEps), count: count).map { timestep in
      // Python's indices: those below 0 count from the end.
      guard let index = Int(exactly: (timestep * Float(count - 1)).rounded(.towardZero)), index < count,
        index > -count || index == 0
      else {
        throw DiffusionError(
          .usage, "sampling_eps is \(config.samplingEps): timestep \(timestep) has no noise level: expected 0 to 1")
      }
      func sigma(_ place: Int) -> Float { table[place < 0 ? place + count : place] }
      return Level(
        timestep: timestep, told: low * Float(DoubleMath.pow(ratio, Double(timestep))), from: sigma(index),
        to: index == 0 ? 0 : sigma(index - 1))
    }
    (self.table, corrected) = (table, nil)
  }

  /// Noise levels that are evenly spaced in their logarithms, from small to large.
  private static func table(_ config: ScoreSdeVeSchedulerConfig, count: Int) -> [Float] {
    let (low, high) = (DoubleMath.log(config.sigmaMin), DoubleMath.log(config.sigmaMax))
    return NoiseSchedule.linspace(Float(low), Float(high), count: count).map(FloatMath.exp)
  }

  /// The noise level that the step starts from.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    NoiseLevel(timestep: place(of: try timestep(at: step)), sigma: levels[step].from)
  }

  /// Cuts the noise levels below another one, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    let below = levels.filter { $0.from < level.sigma }, range = DoubleMath.log(config.sigmaMax / config.sigmaMin)
    let timestep = DoubleMath.log(Double(level.sigma) / config.sigmaMin) / range
    let first =
      levels.first { $0.from == level.sigma }
      ?? Level(timestep: Float(timestep), told: level.sigma, from: level.sigma, to: below.first?.from ?? 0)
    (levels, corrected) = ([first] + below, nil)
  }

  /// The place of a timestep among those of training.
  private func place(of timestep: Float) -> Float { timestep * Float(config.numTrainTimesteps - 1) }

  /// The sample as it is, and the noise level that the model is told.
  public mutating func modelCall(
    at step: Int, sample: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> ModelCall {
    _ = try timestep(at: step)
    return ModelCall(sample: corrected?.sample ?? sample, timestep: levels[step].told)
  }

  /// The diffusion of a step, and its share of the fresh noise: none in the last step.
  private func diffusion(at step: Int) -> (score: Float, noise: Float) {
    let level = levels[step], diffusion = (level.from * level.from - level.to * level.to).squareRoot()
    return (diffusion * diffusion, step == levels.count - 1 ? 0 : diffusion)
  }

  /// The terms of the predictor.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let timestep = try timestep(at: step), level = levels[step], diffusion = diffusion(at: step)
    return UpdateTerms(
      timestep: timestep, place: place(of: timestep), alphaCumprod: 1 / (level.from * level.from + 1),
      alphaCumprodPrev: 1 / (level.to * level.to + 1), sigma: diffusion.noise,
      terms: [
        .init(.init(""), 1, config.correctSteps > 0 ? .correctedSample : .sample),
        .init(.init("g\u{00B2}", ascii: "g^2"), diffusion.score, .score), .init(.init("g"), diffusion.noise, .noise),
      ],
      quantities: [
        .init(.sigma, "sigma", level.from), .init(.sigmaPrev, "sigma after", level.to),
        .init(.init("\u{03C3}_t", ascii: "sigma_t"), "model's sigma", level.told),
      ], modelCalls: modelCalls(at: step))
  }

  /// Takes one call of a step: the corrector's first, then the predictor's.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let (current, calls) = corrected ?? (sample, 0), isCorrector = calls < max(0, config.correctSteps)
    let drawn = try noise()
    try Self.check("variance noise", drawn, like: sample)
    let length = isCorrector ? stepLength(modelOutput, drawn) : 0, diffusion = diffusion(at: step)
    let (score, share) = isCorrector ? (length, (length * 2).squareRoot()) : diffusion
    var previous = current.scalars
    for index in previous.indices {
      previous[index] += score * modelOutput.scalars[index]
      // The last step leaves its noise out.
      if share != 0 || isCorrector { previous[index] += share * drawn.scalars[index] }
    }
    let sigma = levels[step].from, square = sigma * sigma
    let original = zip(current.scalars, modelOutput.scalars).map { $0 + square * $1 }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    corrected = isCorrector ? (tensor(previous), calls + 1) : nil
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original),
      predEpsilon: modelOutput.map { -sigma * $0 }, varianceNoise: drawn, draws: calls + 1,
      operands: [.correctedSample: current, .score: modelOutput])
  }

  /// The length of a step of the corrector: norms are in binary64, each rounded once, and means over the batch.
  private func stepLength(_ modelOutput: Tensor<Float>, _ noise: Tensor<Float>) -> Float {
    let images = max(1, modelOutput.shape.first ?? 1), count = modelOutput.count / images
    func meanNorm(_ tensor: Tensor<Float>) -> Float {
      let norms = (0..<images).map { image in
        let squares = tensor.scalars[image * count..<(image + 1) * count].reduce(0.0) { $0 + Double($1) * Double($1) }
        return Double(Float(squares.squareRoot()))
      }
      return Float(norms.reduce(0, +) / Double(images))
    }
    let ratio = Float(config.snr) * meanNorm(noise) / meanNorm(modelOutput)
    return ratio * ratio * 2
  }

  /// The image plus noise of levels by their indices in the run, from small to large.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    let sigmas = try timesteps.map { timestep in
      guard let index = Int(exactly: timestep), (-table.count..<table.count).contains(index) else {
        throw DiffusionError(
          .usage, "timestep \(timestep.wholeText) is no index of a noise level: expected 0 to \(table.count - 1)")
      }
      return table[index < 0 ? index + table.count : index]
    }
    return try noisy(originalSamples, noise, sigmas)
  }

  /// The image plus the step's sigma times noise.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    return try noisy(originalSamples, noise, [levels[step].from])
  }

  private func noisy(_ sample: Tensor<Float>, _ noise: Tensor<Float>, _ sigmas: [Float]) throws -> Tensor<Float> {
    let indices = try Self.timestepIndices(of: sigmas.count, sample, noise)
    var result = sample.scalars
    for index in result.indices { result[index] += noise.scalars[index] * sigmas[indices(index)] }
    return Tensor(unchecked: sample.shape, result)
  }
}
