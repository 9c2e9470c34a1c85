/// The configuration of a ``DPMSolverSDEScheduler`` (`DPMSolverSDEScheduler.__init__` of diffusers 0.42.1).
public struct DPMSolverSDESchedulerConfig: RespacedSigmaConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta.
  public var betaStart = 0.00085
  /// The last beta.
  public var betaEnd = 0.012
  /// How betas grow.
  public var betaSchedule = BetaSchedule.linear
  /// Betas that replace a schedule, one for each training timestep.
  public var trainedBetas: [Double]?
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The ends of respaced sigmas, which the file of another class may have. Karras' sigmas do not use them.
  public var inheritedSigmas = InheritedSigmas()
  /// The seed of the noise, at least 0; nil for one that the run's generator draws.
  public var noiseSamplerSeed: Int?
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<DPMSolverSDESchedulerConfig>] =
    betaOptions() + sigmaOptions + [
      .name("prediction_type", \.predictionType, among: [.epsilon, .vPrediction]),
      .optionalInt("noise_sampler_seed", \.noiseSamplerSeed),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try validateSpacing()
    guard let noiseSamplerSeed, noiseSamplerSeed < 0 else { return }
    throw DiffusionError(.badData, "noise_sampler_seed is \(noiseSamplerSeed): expected a whole number of at least 0")
  }
}

/// DPM-Solver++ of the second order for the stochastic equation over sigmas, as `diffusers.DPMSolverSDEScheduler`
/// 0.42.1 and k-diffusion's `sample_dpmpp_sde`.
///
/// A step is two model calls: one that leads to the middle of the step in the logarithm of sigma, and one there, whose
/// predicted image takes the whole step. Either goes below its sigma and adds noise up to it. The last step is Euler's
/// alone. Each call is a step of the run.
///
/// The noise is the increment of a Brownian motion over sigma (``seedNoise(_:seeds:)``): it depends on the seed and the
/// sigmas alone, so that runs of more and of fewer steps see the same noise, averaged over shorter or longer spans.
public struct DPMSolverSDEScheduler: SigmaScheduler {
  /// The class in Diffusers.
  public static let className = "DPMSolverSDEScheduler"
  /// The name on the command line.
  public static let shortName = "dpm-sde"
  /// The factor of the noise.
  public static let stepOptions: [ConfigurationOption<SchedulerOptions>] = [.double("s_noise", \.sNoise)]

  /// The configuration.
  public let config: DPMSolverSDESchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float] = []
  /// The sigma of each step's start, followed by 0.
  private var levels: [Float] = []
  private let schedule: SigmaSchedule
  /// The sample that the first call of a step was given.
  private var sample: Tensor<Float>?
  private var noise: BrownianNoise?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: DPMSolverSDESchedulerConfig = DPMSolverSDESchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config)
    alphasCumprod = schedule.alphasCumprod
    try setTimesteps(config.numTrainTimesteps)
  }

  /// 2: there are two model calls for each step.
  public var order: Int { 2 }

  /// The sigma of the middle of each step is that of its end, as in Diffusers, whose `add_noise` uses it;
  /// ``terms(at:options:)`` has the sigma of the sample itself.
  public var sigmas: [Float] { levels.prefix(1) + levels.dropLast().dropFirst().flatMap { [$0, $0] } + [0] as [Float] }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let chosen = try config.steps(
      numInferenceSteps, of: schedule, inherits: config.spacing != .karras, roundsTimesteps: false)
    use(chosen.timesteps, chosen.sigmas)
  }

  /// Cuts the sigmas below a noise level, and begins at it with the first call of a step and another noise.
  public mutating func start(at level: NoiseLevel) throws {
    let firsts = timesteps.indices.filter { $0.isMultiple(of: 2) }.map { timesteps[$0] }
    let cut = SigmaSchedule.cut(firsts, levels, at: level.sigma, level.timestep)
    use(cut.timesteps.map { Double($0) }, cut.sigmas.dropLast().map { Double($0) })
  }

  private mutating func use(_ firsts: [Double], _ sigmas: [Double]) {
    let times = sigmas.map { -DoubleMath.log($0) }
    let middles = zip(times, times.dropFirst()).map { time, next in
      Float(schedule.timestep(of: DoubleMath.exp(-(time + (next - time) * 0.5))))
    }
    timesteps = firsts.prefix(1).map { Float($0) } + zip(middles, firsts.dropFirst()).flatMap { [$0, Float($1)] }
    levels = sigmas.map { Float($0) } + [0]
    (sample, noise) = (nil, nil)
  }

  /// Begins the noise with the configuration's seed, or with those that are given: one for the batch, or one for each
  /// image.
  public mutating func seedNoise(_ form: NoiseForm, seeds: () throws -> [UInt64]) throws {
    guard noise == nil else { return }
    let own = config.noiseSamplerSeed.map { [UInt64($0)] }, positive = levels.filter { $0 > 0 }
    noise = BrownianNoise(
      from: positive.min() ?? 0, to: positive.max() ?? 0, form, seeds: try own ?? seeds())
  }

  /// The sigma of the call's sample.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    NoiseLevel(timestep: try timestep(at: step), sigma: try DPMSolverSDECall(levels, at: step, timesteps).input)
  }

  /// The sample divided by sqrt(sigma^2 + 1).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    let sigma = try noiseLevel(at: step).sigma
    let divisor = (sigma * sigma + 1).squareRoot()
    return sample.map { $0 / divisor }
  }

  /// The terms of a call.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let call = try DPMSolverSDECall(levels, at: step, timesteps)
    let noiseScale = Float(options.sNoise) * call.up
    let terms: [UpdateTerms.Term] =
      call.isLast
      ? [.init(.init(""), 1, .sample), .init(.sigmaChange, call.change, .derivative)]
      : [
        .init(
          .init("\u{03C3}_down/\u{03C3}", ascii: "sigma_down/sigma"), call.ratio,
          call.isFirst ? .sample : .startingSample),
        .init(
          .init("(1\u{2212}\u{03C3}_down/\u{03C3})", ascii: "(1 - sigma_down/sigma)"), call.imageShare,
          .predOriginalSample),
        .init(.init("S_noise\u{03C3}_up", ascii: "S_noise sigma_up"), noiseScale, .noise),
      ]
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: Self.alphaCumprod(of: call.input),
      alphaCumprodPrev: Self.alphaCumprod(of: call.to), sigma: call.isLast ? 0 : noiseScale,
      terms: terms,
      quantities: [
        .init(.sigma, "sigma", call.input), .init(.sigmaPrev, "sigma after", call.to),
        .init(.init("\u{03C3}_down", ascii: "sigma_down"), "sigma down", call.down),
        .init(.sigmaUp, "sigma up", call.up),
      ])
  }

  /// Takes one call of a step. `noise` is not called: see ``seedNoise(_:seeds:)``.
  ///
  /// - Throws: As the protocol says, and ``DiffusionError`` (`usage`) where there is no seed.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let call = try DPMSolverSDECall(levels, at: step, timesteps)
    try Self.check("model output", modelOutput, like: sample)
    let original = config.predictionType.original(
      in: sample.scalars, modelOutput.scalars, sigma: call.input, noiseLevel: call.input)
    let derivative = zip(sample.scalars, original).map { ($0 - $1) / call.input }
    let start = call.isFirst ? sample : try Self.first(self.sample, of: step)
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    var previous: [Float], drawn: Tensor<Float>?
    if call.isLast {
      previous = zip(sample.scalars, derivative).map { $0 + $1 * call.change }
    } else {
      try seedNoise(NoiseForm(shape: sample.shape)) {
        throw DiffusionError(.usage, "noise_sampler_seed is null: set it, or begin the noise with seedNoise(_:seeds:)")
      }
      let added = try Self.first(self.noise, of: step)(from: call.from, to: call.reached)
      try Self.check("variance noise", added, like: sample)
      let sNoise = Float(options.sNoise)
      previous = zip(start.scalars, original).map { call.ratio * $0 + call.imageShare * $1 }
      for index in previous.indices { previous[index] += added.scalars[index] * sNoise * call.up }
      drawn = added
    }
    self.sample = call.isFirst && !call.isLast ? sample : nil
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      varianceNoise: drawn, draws: 0, operands: [.derivative: tensor(derivative), .startingSample: start])
  }
}

/// The numbers of a call of ``DPMSolverSDEScheduler``.
private struct DPMSolverSDECall {
  /// Whether the call is the first of its step, and whether it is that of the last step, which has one.
  let isFirst, isLast: Bool
  /// The sigma of the sample that the model is given.
  let input: Float
  /// The sigmas that the call leads from and to; exponentials of logarithms, which may be a unit off their sigmas.
  let from, reached: Float
  /// The sigma of the next call's sample.
  let to: Float
  /// The sigma before the noise is added, and the deviation of that noise.
  let down, up: Float
  /// The factors of the sample at the start of the step and of the predicted image.
  let ratio, imageShare: Float
  /// The change of sigma in the last step.
  let change: Float

  /// - Parameters:
  ///   - levels: The sigma of each step's start, followed by 0.
  ///   - step: The call.
  ///   - timesteps: Those of the calls.
  /// - Throws: ``DiffusionError`` (`usage`) for a call that does not exist.
  init(_ levels: [Float], at step: Int, _ timesteps: [Float]) throws {
    guard timesteps.indices.contains(step) else {
      throw DiffusionError(.usage, "step \(step) is not one of the run: expected 0 to \(timesteps.count - 1)")
    }
    let sigma = levels[step / 2], next = levels[step / 2 + 1]
    (isFirst, isLast, change) = (step.isMultiple(of: 2), next == 0, next - sigma)
    let time = -FloatMath.log(sigma), nextTime = -FloatMath.log(next)
    let middle = time + (nextTime - time) * 0.5
    input = isFirst ? sigma : FloatMath.exp(-middle)
    guard !isLast else {
      (from, reached, to, down, up, ratio, imageShare) = (sigma, next, next, next, 0, 0, 0)
      return
    }
    from = FloatMath.exp(-time)
    reached = FloatMath.exp(isFirst ? -middle : -nextTime)
    to = isFirst ? reached : next
    let (start, end) = (from * from, reached * reached)
    let added = (end * (start - end) / start).squareRoot()
    up = added < reached ? added : reached
    down = (end - up * up).squareRoot()
    let downTime = -FloatMath.log(down)
    ratio = FloatMath.exp(-downTime) / FloatMath.exp(-time)
    imageShare = -FloatMath.expm1(time - downTime)
  }
}
