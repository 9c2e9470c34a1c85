/// The configuration of an ``IPNDMScheduler`` (`IPNDMScheduler.__init__` of diffusers 0.42.1).
public struct IPNDMSchedulerConfig: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// Shares of the noise that replace those of a run, and its number of steps: one more than there are steps.
  public var trainedBetas: [Double]?

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<IPNDMSchedulerConfig>] = [
    .int("num_train_timesteps", \.numTrainTimesteps), .optionalDoubles("trained_betas", \.trainedBetas),
  ]

  /// Checks every option.
  public func validate() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    guard trainedBetas?.count ?? 2 > 1 else {
      throw DiffusionError(
        .badData, "trained_betas has \(trainedBetas?.count ?? 0) numbers: expected one more than there are steps")
    }
  }
}

/// The fourth-order linear multistep method of PNDM (Liu et al. 2022, arXiv 2202.09778) without Runge-Kutta steps, as
/// `diffusers.IPNDMScheduler` 0.42.1: for models that predict velocities over angles.
///
/// x_t is alpha x_0 + beta noise with alpha^2 + beta^2 = 1, and a timestep is the angle of the two, from 1 (noise) to
/// 0, in right angles.
public struct IPNDMScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "IPNDMScheduler"
  /// The name on the command line.
  public static let shortName = "ipndm"
  /// Timesteps are angles.
  public static let tells = NoiseTold.angle

  /// The factors of image and noise.
  private struct Level {
    let alpha, beta: Float

    init(beta: Float) {
      self.beta = beta
      alpha = (1 - beta * beta).squareRoot()
    }

    /// The ratio of noise to image.
    var sigma: Float { beta / alpha }

    /// The angle in right angles.
    var timestep: Float {
      guard beta.magnitude <= 1 else { return .nan }
      let (x, y) = (Double(alpha), Double(beta.magnitude)), radius = (x * x + y * y).squareRoot()
      let angle = y < x ? Double.pi / 2 - DoubleMath.acos(y / radius) : DoubleMath.acos(x / radius)
      return Float(beta < 0 ? -angle : angle) / Float(Double.pi) * 2
    }
  }

  /// The configuration.
  public let config: IPNDMSchedulerConfig
  /// alpha^2 of as many steps as the model was trained on, from the image on.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken.
  public private(set) var timesteps: [Float] = []
  /// The levels of the steps, followed by the one that the last step leads to.
  private var levels: [Level] = []
  /// The noise that the last calls predicted, the newest last.
  private var history: [[Float]] = []
  /// The step that the run starts with, before which there is no history.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: IPNDMSchedulerConfig = IPNDMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = Self.levels(config.numTrainTimesteps).dropLast().reversed().map { $0.alpha * $0.alpha }
    try setTimesteps(config.numTrainTimesteps)
  }

  private static func levels(_ count: Int) -> [Level] {
    let quarters = NoiseSchedule.linspace(Float(1), 0, count: count + 1).dropLast() + [0]
    return quarters.map { quarter in
      let sine = Float(DoubleMath.sin(Double(quarter * Float(Double.pi) / 2)))
      return Level(beta: sine * sine)
    }
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    levels = config.trainedBetas?.map { Level(beta: Float($0)) } ?? Self.levels(numInferenceSteps)
    timesteps = levels.dropLast().map(\.timestep)
    (history, beginIndex) = ([], 0)
  }

  /// Knows of no predictions before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// The ratio of noise to image of the step.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    _ = try timestep(at: step)
    let sigma = levels[step].sigma
    return NoiseLevel(timestep: trainingTimestep(ofSigma: sigma), sigma: sigma, scale: .variancePreserving)
  }

  /// Cuts the levels below a noise level, and begins at it, without history.
  public mutating func start(at level: NoiseLevel) throws {
    let steps = levels.dropLast(), beta = level.sigma / (level.sigma * level.sigma + 1).squareRoot()
    let first = steps.first { $0.sigma == level.sigma } ?? Level(beta: beta)
    levels = [first] + steps.filter { $0.sigma < level.sigma } + levels.suffix(1)
    timesteps = levels.dropLast().map(\.timestep)
    (history, beginIndex) = ([], 0)
  }

  /// alpha x_0 + beta noise.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    let levels = try timesteps.map { self.levels[try index(ofTimestep: $0)] }
    let indices = try Self.timestepIndices(of: timesteps.count, originalSamples, noise)
    var result = originalSamples.scalars
    for index in result.indices {
      let level = levels[indices(index)]
      result[index] = level.alpha * result[index] + level.beta * noise.scalars[index]
    }
    return Tensor(unchecked: originalSamples.shape, result)
  }

  private static let original = UpdateTerms.Operand(
    .init("x\u{2080}\u{2032}", ascii: "x0'"), "original that the combined noise implies")

  /// How the noise of the last calls combines, by their number.
  private static let combinations: [UpdateTerms.Operand] = [
    .predEpsilon,
    .init(.init("\u{03B5}\u{2032}", ascii: "eps'"), "(3 e1 - e2)/2"),
    .init(.init("\u{03B5}\u{2032}", ascii: "eps'"), "(23 e1 - 16 e2 + 5 e3)/12"),
    .init(.init("\u{03B5}\u{2032}", ascii: "eps'"), "(55 e1 - 59 e2 + 37 e3 - 9 e4)/24"),
  ]

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let level = try noiseLevel(at: step), (from, to) = (levels[step], levels[step + 1])
    return UpdateTerms(
      timestep: timesteps[step], place: level.timestep, alphaCumprod: from.alpha * from.alpha,
      alphaCumprodPrev: to.alpha * to.alpha,
      terms: [
        .init(.init("\u{03B1}_prev", ascii: "a_prev"), to.alpha, Self.original),
        .init(.init("\u{03B2}_prev", ascii: "b_prev"), to.beta, Self.combinations[min(3, max(0, step - beginIndex))]),
      ],
      quantities: [
        .init(.init("\u{03B1}", ascii: "a"), "alpha", from.alpha),
        .init(.init("\u{03B2}", ascii: "b"), "beta", from.beta),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let (from, to) = (levels[step], levels[step + 1]), x = sample.scalars
    let epsilon = zip(x, modelOutput.scalars).map { $0 * from.beta + $1 * from.alpha }
    history = history.suffix(3) + [epsilon]
    let combined = combination
    let divisor = max(from.alpha, 1e-8)
    let original = zip(x, combined).map { ($0 - from.beta * $1) / divisor }
    let previous = zip(original, combined).map { to.alpha * $0 + $1 * to.beta }
    // What this call's output predicts; at the first step the combined noise is the sample, and leaves no image.
    let predicted = zip(x, modelOutput.scalars).map { from.alpha * $0 - from.beta * $1 }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(predicted), predEpsilon: tensor(epsilon),
      operands: [Self.original: tensor(original), Self.combinations[history.count - 1]: tensor(combined)])
  }

  private var combination: [Float] {
    let past = Array(history.reversed())
    guard let newest = past.first else { return [] }
    return newest.indices.map { index in
      func value(_ age: Int) -> Float { past[age][index] }
      switch past.count {
      case 1: return value(0)
      case 2: return (3 * value(0) - value(1)) / 2
      case 3: return (23 * value(0) - 16 * value(1) + 5 * value(2)) / 12
      default:
        let sum = 55 * value(0) - 59 * value(1) + 37 * value(2)
        return Float(1 / 24.0) * (sum - 9 * value(3))
      }
    }
  }
}
