/// The configuration of an ``LMSDiscreteScheduler`` (`LMSDiscreteScheduler.__init__` of diffusers 0.42.1).
public struct LMSDiscreteSchedulerConfig: RespacedSigmaConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// The first beta.
  public var betaStart = 0.0001
  /// The last beta.
  public var betaEnd = 0.02
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
  public static let options: [ConfigurationOption<LMSDiscreteSchedulerConfig>] =
    betaOptions() + sigmaOptions + [
      .name("prediction_type", \.predictionType, among: PredictionType.withoutAlias)
    ]

  /// Checks every option.
  public func validate() throws {
    try validateBetas()
    try validateSpacing()
  }
}

/// A linear multistep method over sigmas, as `diffusers.LMSDiscreteScheduler` 0.42.1.
///
/// A step is the integral of the polynomial through the last derivatives, which Diffusers leaves to
/// `scipy.integrate.quad` and which is computed exactly here, in binary64, rounded once.
public struct LMSDiscreteScheduler: SigmaScheduler {
  /// The class in Diffusers.
  public static let className = "LMSDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "lms"
  /// The largest number of derivatives in a step.
  public static let stepOptions: [ConfigurationOption<SchedulerOptions>] = [.int("order", \.order)]

  /// The configuration.
  public let config: LMSDiscreteSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float] = []
  /// The noise level of each step, followed by 0.
  public private(set) var sigmas: [Float] = []
  private let schedule: SigmaSchedule
  /// The last derivatives, the newest last.
  private var derivatives: [[Float]] = []
  /// The step that the run starts with. Diffusers chooses the order by the place on the schedule, and leaves out the
  /// derivatives from before the start.
  private var beginIndex = 0

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: LMSDiscreteSchedulerConfig = LMSDiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    schedule = SigmaSchedule(config)
    alphasCumprod = schedule.alphasCumprod
    try setTimesteps(config.numTrainTimesteps)
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let chosen = try config.steps(numInferenceSteps, of: schedule, inherits: config.spacing != .karras)
    sigmas = chosen.sigmas.map { Float($0) } + [0]
    timesteps = chosen.timesteps.map { Float($0) }
    derivatives = []
    beginIndex = 0
  }

  /// Knows of no derivatives before a step.
  public mutating func setBeginIndex(_ step: Int) { beginIndex = step }

  /// Cuts the sigmas below a noise level, and begins at it, without derivatives.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    derivatives = []
    beginIndex = 0
  }

  /// The weights of the derivatives, the newest first: integrals of Lagrange's polynomials from sigma to the next.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for an order below 1.
  private func coefficients(at step: Int, order: Int) throws -> [Float] {
    guard order >= 1 else {
      throw DiffusionError(.usage, "scheduler option order is \(order): expected at least 1")
    }
    let order = min(step + 1, order)
    let points = order <= 16 ? Self.eightPoints : Self.gaussLegendre((order + 1) / 2)
    let nodes = (0..<order).map { Double(sigmas[step - $0]) }
    let (from, to) = (Double(sigmas[step]), Double(sigmas[step + 1]))
    return nodes.indices.map { current in
      // Gauss-Legendre with n points is exact for polynomials up to degree 2 n - 1.
      let half = (to - from) / 2, middle = (to + from) / 2
      let sum = points.reduce(0.0) { sum, point in
        let tau = middle + half * point.node
        return sum + point.weight
          * nodes.indices.filter { $0 != current }.reduce(1.0) { product, other in
            product * ((tau - nodes[other]) / (nodes[current] - nodes[other]))
          }
      }
      return Float(half * sum)
    }
  }

  private static let eightPoints: [(node: Double, weight: Double)] = [
    (0.1834346424956498, 0.3626837833783620), (0.5255324099163290, 0.3137066458778873),
    (0.7966664774136267, 0.2223810344533745), (0.9602898564975363, 0.1012285362903763),
  ].flatMap { [($0.0, $0.1), (-$0.0, $0.1)] }

  /// The nodes of a Gauss-Legendre quadrature on -1 to 1 and their weights: the roots of a Legendre polynomial, by
  /// Newton's method from Tricomi's estimates, the largest first, each with the root across zero.
  private static func gaussLegendre(_ count: Int) -> [(node: Double, weight: Double)] {
    (1...(count + 1) / 2).flatMap { index in
      // Of an odd number of roots the middle one is zero.
      let isMiddle = 2 * index == count + 1
      var node = isMiddle ? 0 : portableCosine(.pi * (Double(index) - 0.25) / (Double(count) + 0.5))
      var slope = legendre(count, at: node).slope
      // Each round doubles the digits: of four, five are certain to reach the last place.
      for _ in 0..<5 where !isMiddle {
        node -= legendre(count, at: node).value / slope
        slope = legendre(count, at: node).slope
      }
      let weight = 2 / ((1 - node * node) * slope * slope)
      return isMiddle ? [(node, weight)] : [(node, weight), (-node, weight)]
    }
  }

  /// A Legendre polynomial and its derivative, by Bonnet's recursion.
  private static func legendre(_ degree: Int, at x: Double) -> (value: Double, slope: Double) {
    var (before, value) = (1.0, x)
    for k in 1..<degree {
      (before, value) = (value, (Double(2 * k + 1) * x * value - Double(k) * before) / Double(k + 1))
    }
    return (value, Double(degree) * (x * value - before) / (x * x - 1))
  }

  private static func derivative(_ age: Int) -> UpdateTerms.Operand {
    age == 0 ? .derivative : UpdateTerms.Operand(.init("d_\(age)"), "derivative \(age) before")
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let timestep = try timestep(at: step)
    let weights = try coefficients(at: step, order: options.order).prefix(max(0, step - beginIndex) + 1)
    let alphas = [sigmas[step], sigmas[step + 1]].map(Self.alphaCumprod)
    return UpdateTerms(
      timestep: timestep, alphaCumprod: alphas[0], alphaCumprodPrev: alphas[1],
      terms: [.init(.init(""), 1, .sample)]
        + weights.enumerated().map { .init(.init("c_\($0.offset)"), $0.element, Self.derivative($0.offset)) },
      quantities: [
        .init(.sigma, "sigma", sigmas[step]),
        .init(.sigmaPrev, "sigma after", sigmas[step + 1]),
      ])
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    _ = try timestep(at: step)
    let weights = try coefficients(at: step, order: options.order)
    try Self.check("model output", modelOutput, like: sample)
    let sigma = sigmas[step]
    let original = config.predictionType.original(
      in: sample.scalars, modelOutput.scalars, sigma: sigma, noiseLevel: sigma)
    derivatives.append(zip(sample.scalars, original).map { ($0 - $1) / sigma })
    derivatives = derivatives.suffix(options.order)
    var sum = [Float](repeating: 0, count: sample.count)
    var operands: [UpdateTerms.Operand: Tensor<Float>] = [:]
    for (age, (weight, derivative)) in zip(weights, derivatives.reversed()).enumerated() {
      for index in sum.indices { sum[index] += weight * derivative[index] }
      operands[Self.derivative(age)] = Tensor(unchecked: sample.shape, derivative)
    }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(zip(sample.scalars, sum).map { $0 + $1 }), predOriginalSample: tensor(original),
      predEpsilon: tensor(derivatives.last ?? []), operands: operands)
  }
}
