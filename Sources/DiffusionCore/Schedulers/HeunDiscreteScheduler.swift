/// The configuration of a ``HeunDiscreteScheduler`` (`HeunDiscreteScheduler.__init__` of diffusers 0.42.1).
public struct HeunDiscreteSchedulerConfig: RespacedSigmaConfiguration {
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
  /// The ends of respaced sigmas, which the file of another class may have.
  public var inheritedSigmas = InheritedSigmas()
  /// Whether the predicted original sample is clipped to `clipSampleRange`.
  public var clipSample = false
  /// The largest magnitude after clipping.
  public var clipSampleRange = 1.0
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<HeunDiscreteSchedulerConfig>] =
    betaOptions([.linear, .scaledLinear, .squaredcosCapV2, .exp]) + sigmaOptions + [
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias),
      .bool("clip_sample", \.clipSample), .double("clip_sample_range", \.clipSampleRange),
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try validateSpacing()
  }
}

/// Heun's method over sigmas (algorithm 1 of Karras et al. 2022, arXiv 2206.00364), as
/// `diffusers.HeunDiscreteScheduler` 0.42.1.
///
/// A step is two model calls: one of Euler's to the next sigma, and one there, after which the step is taken again with
/// the mean of both derivatives. The last step is Euler's alone. Each call is a step of the run.
public struct HeunDiscreteScheduler: SigmaScheduler {
  /// The class in Diffusers.
  public static let className = "HeunDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "heun"

  /// The configuration.
  public let config: HeunDiscreteSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: all but the first occur twice.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each call's sample, followed by 0.
  public private(set) var sigmas: [Float] = []
  private let schedule: SigmaSchedule
  /// What the first call of a step leaves for the second one.
  private var first: (sample: [Float], derivative: [Float])?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: HeunDiscreteSchedulerConfig = HeunDiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config)
    alphasCumprod = schedule.alphasCumprod
    try setTimesteps(config.numTrainTimesteps)
  }

  /// 2: there are two model calls for each step.
  public var order: Int { 2 }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let chosen = try config.steps(numInferenceSteps, of: schedule)
    timesteps = Self.twice(chosen.timesteps)
    sigmas = Self.twice(chosen.sigmas) + [0]
    first = nil
  }

  /// Every number but the first twice.
  private static func twice(_ numbers: [Double]) -> [Float] {
    numbers.prefix(1).map { Float($0) } + numbers.dropFirst().flatMap { [Float($0), Float($0)] }
  }

  /// Cuts the sigmas below a noise level, and begins at it with the first call of a step.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    first = nil
  }

  /// The sigmas of a call.
  private struct Levels {
    /// Whether the call is the first of its step.
    let isFirst: Bool
    /// The sigmas of the step's start and end.
    let from, to: Float
    /// The sigma of the sample that the model is given.
    let input: Float

    init(_ scheduler: HeunDiscreteScheduler, at step: Int) throws {
      _ = try scheduler.timestep(at: step)
      isFirst = step.isMultiple(of: 2)
      input = scheduler.sigmas[step]
      (from, to) = isFirst ? (input, scheduler.sigmas[step + 1]) : (scheduler.sigmas[step - 1], input)
    }

    var change: Float { to - from }
  }

  private static let meanDerivative = UpdateTerms.Operand(
    .init("d\u{2032}", ascii: "d'"), "mean of the step's two derivatives")

  /// The terms of a call.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let levels = try Levels(self, at: step)
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: Self.alphaCumprod(of: levels.input),
      alphaCumprodPrev: Self.alphaCumprod(of: levels.to),
      terms: [
        .init(.init(""), 1, levels.isFirst ? .sample : .startingSample),
        .init(
          levels.isFirst ? .sigmaChange : .sigmaChangeFromStart, levels.change,
          levels.isFirst ? .derivative : Self.meanDerivative),
      ],
      quantities: [.init(.sigma, "sigma", levels.input)] + (levels.isFirst ? [] : [.sigmaStart(levels.from)])
        + [.init(.sigmaPrev, "sigma after", levels.to)])
  }

  /// Takes one call of a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let levels = try Levels(self, at: step)
    try Self.check("model output", modelOutput, like: sample)
    var original = config.predictionType.original(
      in: sample.scalars, modelOutput.scalars, sigma: levels.input, noiseLevel: levels.input)
    if config.clipSample {
      let range = Float(config.clipSampleRange)
      original = original.map { clamp($0, -range, range) }
    }
    let derivative = zip(sample.scalars, original).map { ($0 - $1) / levels.input }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    var operands = [UpdateTerms.Operand.derivative: tensor(derivative)]
    let previous: [Float]
    if levels.isFirst {
      first = (sample.scalars, derivative)
      previous = zip(sample.scalars, derivative).map { $0 + $1 * levels.change }
    } else {
      let start = try Self.first(first, of: step)
      first = nil
      let mean = zip(start.derivative, derivative).map { ($0 + $1) / 2 }
      previous = zip(start.sample, mean).map { $0 + $1 * levels.change }
      operands[.startingSample] = tensor(start.sample)
      operands[Self.meanDerivative] = tensor(mean)
    }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      operands: operands)
  }
}
