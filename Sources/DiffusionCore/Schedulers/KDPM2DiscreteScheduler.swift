/// The configuration of a ``KDPM2DiscreteScheduler`` and a ``KDPM2AncestralDiscreteScheduler`` (their `__init__` in
/// diffusers 0.42.1).
public struct KDPM2DiscreteSchedulerConfig: RespacedSigmaConfiguration {
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
  /// Whether sigmas are evenly spaced in their seventh roots.
  public var useKarrasSigmas = false
  /// Whether sigmas are evenly spaced in their logarithms.
  public var useExponentialSigmas = false
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  public var useBetaSigmas = false
  /// The ends of respaced sigmas, which the file of another class may have.
  public var inheritedSigmas = InheritedSigmas()
  /// What the model's output means.
  public var predictionType = PredictionType.epsilon
  /// How the timesteps of a run are chosen.
  public var timestepSpacing = TimestepSpacing.linspace
  /// Added to every timestep of `leading` spacing.
  public var stepsOffset = 0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<KDPM2DiscreteSchedulerConfig>] =
    betaOptions() + sigmaOptions + [
      .name("prediction_type", \.predictionType, among: [.epsilon, .vPrediction])
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try validateSpacing()
  }

  /// The timesteps and sigmas of a run, with binary32 sigmas. Timesteps of Karras' sigmas are rounded.
  func levels(_ count: Int, of schedule: SigmaSchedule) throws -> (timesteps: [Float], sigmas: [Float]) {
    let chosen = try steps(count, of: schedule)
    let timesteps = useKarrasSigmas ? chosen.timesteps.map { $0.rounded(.toNearestOrEven) } : chosen.timesteps
    return (timesteps.map { Float($0) }, chosen.sigmas.map { Float($0) } + [0])
  }
}

/// DPM-Solver-2 over sigmas, as `diffusers.KDPM2DiscreteScheduler` 0.42.1 and k-diffusion: a midpoint method.
///
/// A step is two model calls: one of Euler's to a sigma between this one and the next, and one there, whose derivative
/// takes the whole step. The last step is Euler's alone. Each call is a step of the run.
public struct KDPM2DiscreteScheduler: MidpointScheduler {
  /// The class in Diffusers.
  public static let className = "KDPM2DiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "kdpm2"

  /// The configuration.
  public let config: KDPM2DiscreteSchedulerConfig
  /// The sigmas of the run.
  var method = MidpointMethod()
  let schedule: SigmaSchedule
  static let drawsNoise = false

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: KDPM2DiscreteSchedulerConfig = KDPM2DiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config)
    try setTimesteps(config.numTrainTimesteps)
  }

  /// The middle of a step is the geometric mean of its ends.
  func step(from: Float, to: Float) -> MidpointMethod.Levels {
    MidpointMethod.Levels(from: from, middle: MidpointMethod.mean(to, from), down: to, to: to, up: 0)
  }
}

/// DPM-Solver-2 over sigmas with ancestral sampling, as `diffusers.KDPM2AncestralDiscreteScheduler` 0.42.1: each step
/// goes below the next sigma, and adds fresh noise up to it.
public struct KDPM2AncestralDiscreteScheduler: MidpointScheduler {
  /// The class in Diffusers.
  public static let className = "KDPM2AncestralDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "kdpm2-ancestral"

  /// The configuration.
  public let config: KDPM2DiscreteSchedulerConfig
  /// The sigmas of the run.
  var method = MidpointMethod()
  let schedule: SigmaSchedule
  static let drawsNoise = true

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: KDPM2DiscreteSchedulerConfig = KDPM2DiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config)
    try setTimesteps(config.numTrainTimesteps)
  }

  /// The middle of a step is the geometric mean of its start and of the sigma below its end; NaN where that sigma is 0,
  /// as in Diffusers.
  func step(from: Float, to: Float) -> MidpointMethod.Levels {
    let levels = AncestralLevels(from: from, to: to)
    let middle = to == 0 ? 0 : MidpointMethod.mean(from, levels.down)
    return MidpointMethod.Levels(from: from, middle: middle, down: levels.down, to: to, up: levels.up)
  }
}
