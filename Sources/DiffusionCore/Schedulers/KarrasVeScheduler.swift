/// The configuration of a ``KarrasVeScheduler`` (`KarrasVeScheduler.__init__` of diffusers 0.42.1).
public struct KarrasVeSchedulerConfig: SchedulerConfiguration {
  /// The square root of the smallest noise level.
  public var sigmaMin = 0.02
  /// The square root of the largest noise level, and the standard deviation of the noise that a run starts from.
  public var sigmaMax = 100.0
  /// The standard deviation of the noise that is added before a step, before scaling.
  public var sNoise = 1.007
  /// The amount of noise added before a step.
  public var sChurn = 80.0
  /// The lowest sigma at which noise is added.
  public var sMin = 0.05
  /// The highest sigma at which noise is added.
  public var sMax = 50.0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<KarrasVeSchedulerConfig>] = [
    .double("sigma_min", \.sigmaMin), .double("sigma_max", \.sigmaMax), .double("s_noise", \.sNoise),
    .double("s_churn", \.sChurn), .double("s_min", \.sMin), .double("s_max", \.sMax),
  ]

  /// Checks every option.
  public func validate() throws {
    for (name, sigma) in [("sigma_min", sigmaMin), ("sigma_max", sigmaMax)] {
      guard sigma.isFinite, sigma != 0 || name == "sigma_min" else {
        throw DiffusionError(.badData, "\(name) is \(sigma): expected a finite number\(sigma == 0 ? " but 0" : "")")
      }
    }
  }
}

/// The stochastic sampler of Karras et al. 2022 (arXiv 2206.00364, algorithm 2 with the time steps of the
/// variance-exploding models), as `diffusers.KarrasVeScheduler` 0.42.1 and `KarrasVePipeline` use it.
///
/// A step adds noise, up to a higher level, and then goes to the next level with Heun's method: two model calls, but
/// one in the last step, which leads to 0. The model is given `(x + 1) / 2` and half the noise level, and its output is
/// multiplied by the latter (equation 213).
public struct KarrasVeScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "KarrasVeScheduler"
  /// The name on the command line.
  public static let shortName = "karras-ve"
  /// Timesteps count the steps.
  public static let tells = NoiseTold.halfSigma

  /// The configuration.
  public let config: KarrasVeSchedulerConfig
  /// 1 / (sigma^2 + 1) for 1,000 noise levels of the schedule: the model's training has no timesteps.
  public let alphasCumprod: [Float]
  /// The timesteps of the run: the number of steps that follow each.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each step, followed by 0.
  private(set) var sigmas: [Float] = []
  private var stepCount = 0

  /// A step under way: the noise, the sample with it, and what the first call left.
  private struct Underway: Sendable {
    let noise: Tensor<Float>
    let sample: Tensor<Float>
    var first: (derivative: [Float], sample: Tensor<Float>)?
  }
  private var underway: Underway?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: KarrasVeSchedulerConfig = KarrasVeSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = Self.sigmas(config, count: 1000).reversed().map { 1 / ($0 * $0 + 1) }
    try setTimesteps(50)
  }

  /// `sigma_max`.
  public var initNoiseSigma: Float { Float(config.sigmaMax) }
  /// Variance exploding.
  public var scale: NoiseLevel.Scale { .varianceExploding }
  /// 2, but 1 where the step leads to 0.
  public func modelCalls(at step: Int) -> Int { sigmas.indices.contains(step + 1) && sigmas[step + 1] == 0 ? 1 : 2 }

  /// Chooses the noise levels of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    timesteps = (0..<numInferenceSteps).reversed().map(Float.init)
    sigmas = Self.sigmas(config, count: numInferenceSteps) + [0]
    (stepCount, underway) = (numInferenceSteps, nil)
  }

  /// From the square of `sigma_max` to that of `sigma_min`, evenly in their logarithms; NaN for a single one, as in
  /// Diffusers.
  private static func sigmas(_ config: KarrasVeSchedulerConfig, count: Int) -> [Float] {
    let high = config.sigmaMax * config.sigmaMax, ratio = Double(Float(config.sigmaMin * config.sigmaMin / high))
    return (0..<count).map { index in
      let exponent = Float(index) / Float(count - 1)
      return Float(high) * (ratio == 1 ? 1 : Float(DoubleMath.pow(ratio, Double(exponent))))
    }
  }

  /// The noise level that the step starts from, before noise is added.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    NoiseLevel(timestep: place(of: try timestep(at: step)), sigma: sigmas[step])
  }

  /// Cuts the noise levels below another one, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    let (high, low) = (config.sigmaMax * config.sigmaMax, config.sigmaMin * config.sigmaMin)
    let share = DoubleMath.log(Double(level.sigma) / high) / DoubleMath.log(low / high)
    (timesteps, sigmas) = SigmaSchedule.cut(
      timesteps, sigmas, at: level.sigma, Float(Double(stepCount - 1) * (1 - share)))
    underway = nil
  }

  /// The place of a timestep among ``alphasCumprod``.
  private func place(of timestep: Float) -> Float {
    stepCount > 1 ? timestep * Float(alphasCumprod.count - 1) / Float(stepCount - 1) : 0
  }

  /// The level that noise is added up to before a step, and the standard deviation of that noise before `s_noise`.
  private func churned(at step: Int) -> (sigma: Float, deviation: Float) {
    let sigma = sigmas[step], isInRange = Float(config.sMin) <= sigma && sigma <= Float(config.sMax)
    let gamma = isInRange ? min(config.sChurn / Double(stepCount), 2.0.squareRoot() - 1) : 0
    let higher = sigma + Float(gamma) * sigma
    return (higher, (higher * higher - sigma * sigma).squareRoot())
  }

  /// The first call adds the noise; the second one has the sample that it led to.
  public mutating func modelCall(
    at step: Int, sample: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> ModelCall {
    _ = try timestep(at: step)
    if let first = underway?.first { return call(first.sample, sigmas[step + 1]) }
    let drawn = try noise(), churned = churned(at: step), sNoise = Float(config.sNoise)
    try Self.check("variance noise", drawn, like: sample)
    let noisy = zip(sample.scalars, drawn.scalars).map { $0 + churned.deviation * (sNoise * $1) }
    let start = Tensor(unchecked: sample.shape, noisy)
    underway = Underway(noise: drawn, sample: start)
    return call(start, churned.sigma)
  }

  private func call(_ sample: Tensor<Float>, _ sigma: Float) -> ModelCall {
    ModelCall(sample: sample.map { ($0 + 1) / 2 }, timestep: sigma / 2)
  }

  private static let meanDerivative = UpdateTerms.Operand(
    .init("d\u{2032}", ascii: "d'"), "mean of the step's two derivatives")

  /// The terms of a whole step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let timestep = try timestep(at: step), churned = churned(at: step), next = sigmas[step + 1]
    let deviation = churned.deviation * Float(config.sNoise)
    return UpdateTerms(
      timestep: timestep, place: place(of: timestep), alphaCumprod: 1 / (sigmas[step] * sigmas[step] + 1),
      alphaCumprodPrev: 1 / (next * next + 1), sigma: deviation,
      terms: [
        .init(.init(""), 1, .sample),
        .init(
          .init(
            "S_noise\u{221A}(\u{03C3}_hat\u{00B2}\u{2212}\u{03C3}\u{00B2})",
            ascii: "S_noise sqrt(sigma_hat^2 - sigma^2)"),
          deviation, .noise),
        .init(
          .init("(\u{03C3}_prev\u{2212}\u{03C3}_hat)", ascii: "(sigma_prev - sigma_hat)"), next - churned.sigma,
          modelCalls(at: step) == 1 ? .derivative : Self.meanDerivative),
      ],
      quantities: [
        .init(.sigma, "sigma", sigmas[step]), .init(.sigmaPrev, "sigma after", next),
        .init(.init("\u{03C3}_hat", ascii: "sigma_hat"), "sigma hat", churned.sigma),
      ], modelCalls: modelCalls(at: step))
  }

  /// Takes one call of a step: Euler's method first, then its correction.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    guard let underway else {
      throw DiffusionError(.usage, "step \(step) begins with noise: ask for its model call before it is taken")
    }
    let start = underway.sample.scalars
    let higher = churned(at: step).sigma, next = sigmas[step + 1], change = next - higher
    let (current, sigma) = underway.first.map { ($0.sample.scalars, next) } ?? (start, higher)
    let original = zip(current, modelOutput.scalars).map { $0 + sigma * (sigma / 2 * $1) }
    let derivative = zip(current, original).map { ($0 - $1) / sigma }
    let mean = underway.first.map { zip($0.derivative, derivative).map { 0.5 * $0 + 0.5 * $1 } }
    let previous = zip(start, mean ?? derivative).map { $0 + change * $1 }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    if underway.first == nil, modelCalls(at: step) > 1 {
      self.underway?.first = (derivative, tensor(previous))
    } else {
      self.underway = nil
    }
    var operands = [UpdateTerms.Operand.derivative: tensor(derivative)]
    if let mean { operands[Self.meanDerivative] = tensor(mean) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      varianceNoise: underway.noise, operands: operands)
  }

  /// Refused, as in Diffusers: nothing says how a picture would be noised.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    throw DiffusionError(
      .usage, "\(Self.className) adds no noise to a picture, as in Diffusers: choose another scheduler, such as euler")
  }
}
