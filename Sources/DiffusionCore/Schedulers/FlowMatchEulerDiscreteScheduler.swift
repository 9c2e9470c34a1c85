/// The configuration of a ``FlowMatchEulerDiscreteScheduler`` (`FlowMatchEulerDiscreteScheduler.__init__` of diffusers
/// 0.42.1).
public struct FlowMatchEulerDiscreteSchedulerConfig: FlowMatchConfiguration, RespacedConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// How much sigmas are shifted towards 1; 1 for not at all.
  public var shift = 1.0
  /// Whether sigmas are shifted by `mu` instead, which a pipeline computes for its resolution.
  public var useDynamicShifting = false
  /// What a pipeline computes mu from: its value for the smallest sequence.
  public var baseShift: Double? = 0.5
  /// Its value for the largest sequence.
  public var maxShift: Double? = 1.15
  /// The length of the smallest sequence.
  public var baseImageSeqLen = 256
  /// The length of the largest sequence.
  public var maxImageSeqLen = 4096
  /// Whether sigma is the share of the image, and grows.
  public var invertSigmas = false
  /// The last sigma, to which all are stretched; nil or 0 for no stretching.
  public var shiftTerminal: Double?
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The ends of respaced sigmas, which the file of another class may have.
  public var inheritedSigmas = InheritedSigmas()
  /// How sigmas are shifted by mu.
  public var timeShiftType = TimeShiftType.exponential
  /// Whether each step goes to the predicted image and back with fresh noise.
  public var stochasticSampling = false
  /// The shift of `use_dynamic_shifting`, an argument of `set_timesteps`.
  public var mu: Double?

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<FlowMatchEulerDiscreteSchedulerConfig>] =
    flowOptions + respacingOptions + [
      .bool("use_dynamic_shifting", \.useDynamicShifting), .optionalDouble("base_shift", \.baseShift),
      .optionalDouble("max_shift", \.maxShift), .int("base_image_seq_len", \.baseImageSeqLen),
      .int("max_image_seq_len", \.maxImageSeqLen), .bool("invert_sigmas", \.invertSigmas),
      .optionalDouble("shift_terminal", \.shiftTerminal), .name("time_shift_type", \.timeShiftType),
      .bool("stochastic_sampling", \.stochasticSampling),
    ]

  /// The shift for a resolution.
  public static let scheduleOptions: [ConfigurationOption<FlowMatchEulerDiscreteSchedulerConfig>] = [
    .optionalDouble("mu", \.mu)
  ]

  /// Checks every option.
  public func validate() throws {
    try validateFlow()
    try validateSpacing()
    guard mu.map({ $0.magnitude <= 700 }) ?? true else {
      throw DiffusionError(.badData, "mu is \(mu ?? 0): expected -700 to 700")
    }
  }

  /// The sigmas of a run, from large to small, without the last one.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a missing mu, and for sigmas that a spacing cannot use.
  func sigmas(_ count: Int, of training: [Float]) throws -> [Double] {
    var sigmas = evenSigmas(count, of: training)
    if useDynamicShifting {
      guard let mu else {
        throw DiffusionError(
          .usage, "use_dynamic_shifting is true: expected the shift for the resolution; set the scheduler option mu")
      }
      let factor = timeShiftType == .exponential ? DoubleMath.exp(mu) : mu
      sigmas = sigmas.map { factor / (factor + (1 / $0 - 1)) }
    } else {
      sigmas = sigmas.map(shifted)
    }
    if let shiftTerminal, shiftTerminal != 0, let last = sigmas.last {
      let factor = (1 - last) / (1 - shiftTerminal)
      sigmas = sigmas.map { 1 - (1 - $0) / factor }
    }
    guard spacing != .timesteps else { return sigmas }
    return try SigmaSchedule.respaced(
      spacing, from: inheritedSigmas.max ?? sigmas.first ?? 0, to: inheritedSigmas.min ?? sigmas.last ?? 0, count: count
    )
  }
}

/// Euler's method for models of flow matching (Esser et al. 2024, arXiv 2403.03206), as
/// `diffusers.FlowMatchEulerDiscreteScheduler` 0.42.1.
public struct FlowMatchEulerDiscreteScheduler: FlowMatchScheduler {
  /// The class in Diffusers.
  public static let className = "FlowMatchEulerDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "flow-euler"

  /// The configuration.
  public let config: FlowMatchEulerDiscreteSchedulerConfig
  /// alpha-bar of the sigmas of training, from the smallest.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken.
  public private(set) var timesteps: [Float]
  /// The share of the noise in each step's sample, followed by the one that the last step leads to; with
  /// `invert_sigmas` that of the image.
  public private(set) var sigmas: [Float]
  private let training: [Float]

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: FlowMatchEulerDiscreteSchedulerConfig = FlowMatchEulerDiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    training = config.trainingSigmas(isShifted: !config.useDynamicShifting)
    alphasCumprod = Self.alphas(of: training)
    timesteps = training.reversed().map { $0 * Float(config.numTrainTimesteps) }
    sigmas = training.reversed() + [0]
  }

  /// As the configuration says.
  public var invertsSigmas: Bool { config.invertSigmas }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step, for a missing mu, and for sigmas that a spacing
  ///   cannot use.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let chosen = try config.sigmas(numInferenceSteps, of: training).map { Float($0) }
    sigmas = config.invertSigmas ? chosen.map { 1 - $0 } + [1] : chosen + [0]
    timesteps = sigmas.dropLast().map { $0 * Float(config.numTrainTimesteps) }
  }

  /// Cuts the sigmas below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws { (timesteps, sigmas) = steps(from: level) }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    _ = try timestep(at: step)
    let (sigma, next) = (sigmas[step], sigmas[step + 1])
    guard config.stochasticSampling else {
      return flowTerms(
        at: step, from: sigma, to: next, [.init(.init(""), 1, .sample), .init(.sigmaChange, next - sigma, .derivative)])
    }
    return flowTerms(
      at: step, from: sigma, to: next, noise: next,
      [
        .init(.init("(1\u{2212}\u{03C3}_prev)", ascii: "(1 - sigma_prev)"), 1 - next, .predOriginalSample),
        .init(.sigmaPrev, next, .noise),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    try Self.check("model output", modelOutput, like: sample)
    let (sigma, next) = (sigmas[step], sigmas[step + 1]), x = sample.scalars
    var (original, epsilon) = prediction(modelOutput.scalars, in: x, at: sigma)
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    guard config.stochasticSampling else {
      let change = next - sigma
      return SchedulerOutput(
        prevSample: tensor(zip(x, modelOutput.scalars).map { $0 + change * $1 }), predOriginalSample: tensor(original),
        predEpsilon: tensor(epsilon), operands: [.derivative: modelOutput])
    }
    // Diffusers takes sigma for the share of the noise here, inverted or not.
    original = zip(x, modelOutput.scalars).map { $0 - sigma * $1 }
    let drawn = try noise()
    try Self.check("variance noise", drawn, like: sample)
    epsilon = zip(original, modelOutput.scalars).map { $0 + $1 }
    return SchedulerOutput(
      prevSample: tensor(zip(original, drawn.scalars).map { (1 - next) * $0 + next * $1 }),
      predOriginalSample: tensor(original), predEpsilon: tensor(epsilon), varianceNoise: drawn)
  }
}
