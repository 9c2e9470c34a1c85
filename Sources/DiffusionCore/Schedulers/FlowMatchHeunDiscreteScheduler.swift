/// The configuration of a ``FlowMatchHeunDiscreteScheduler`` (`FlowMatchHeunDiscreteScheduler.__init__` of diffusers
/// 0.42.1).
public struct FlowMatchHeunDiscreteSchedulerConfig: FlowMatchConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  public var numTrainTimesteps = 1000
  /// How much sigmas are shifted towards 1; 1 for not at all.
  public var shift = 1.0

  /// Creates a configuration with Diffusers' defaults.
  public init() {}

  /// Every option.
  public static let options: [ConfigurationOption<FlowMatchHeunDiscreteSchedulerConfig>] = flowOptions

  /// Checks every option.
  public func validate() throws { try validateFlow() }
}

/// Heun's method for models of flow matching, as `diffusers.FlowMatchHeunDiscreteScheduler` 0.42.1.
///
/// As with ``HeunDiscreteScheduler``, a step is two model calls, but for the last one, and each call is a step of the
/// run.
public struct FlowMatchHeunDiscreteScheduler: FlowMatchScheduler {
  /// The class in Diffusers.
  public static let className = "FlowMatchHeunDiscreteScheduler"
  /// The name on the command line.
  public static let shortName = "flow-heun"
  /// The noise that may be added before a call.
  public static let stepOptions = EulerDiscreteScheduler.stepOptions

  /// The configuration.
  public let config: FlowMatchHeunDiscreteSchedulerConfig
  /// alpha-bar of the sigmas of training, from the smallest.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: all but the first occur twice.
  public private(set) var timesteps: [Float] = []
  /// The share of the noise in each call's sample, followed by 0.
  public private(set) var sigmas: [Float] = []
  private let training: [Float]
  /// The number of calls that the churn is shared among: those of the whole schedule, also where it is cut.
  private var churnedSteps = 0
  /// What the first call of a step leaves for the second one.
  private var first: (sample: [Float], derivative: [Float])?

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: FlowMatchHeunDiscreteSchedulerConfig = FlowMatchHeunDiscreteSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    training = config.trainingSigmas()
    alphasCumprod = Self.alphas(of: training)
    use(training.reversed())
  }

  /// 2: there are two model calls for each step.
  public var order: Int { 2 }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    use(config.evenSigmas(numInferenceSteps, of: training).map { Float(config.shifted($0)) })
  }

  private mutating func use(_ chosen: [Float]) {
    let twice = chosen.prefix(1) + chosen.dropFirst().flatMap { [$0, $0] }
    sigmas = twice + [0]
    timesteps = twice.map { $0 * Float(config.numTrainTimesteps) }
    (churnedSteps, first) = (twice.count, nil)
  }

  /// Cuts the sigmas below a noise level, and begins at it with the first call of a step.
  public mutating func start(at level: NoiseLevel) throws {
    (timesteps, sigmas) = steps(from: level)
    first = nil
  }

  /// The sigmas of the step that a call belongs to, and whether the call is its first.
  private func levels(at step: Int, _ options: SchedulerOptions) throws -> (step: ChurnedSigma, isFirst: Bool) {
    _ = try timestep(at: step)
    let isFirst = step.isMultiple(of: 2), start = isFirst ? step : step - 1
    return (ChurnedSigma(sigmas[start], to: sigmas[start + 1], steps: churnedSteps, options), isFirst)
  }

  private static let meanDerivative = UpdateTerms.Operand(
    .init("d\u{2032}", ascii: "d'"), "mean of the step's two derivatives")

  /// The terms of a call.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let (levels, isFirst) = try levels(at: step, options)
    let start = isFirst ? levels.gamma > 0 ? UpdateTerms.Operand.noisySample : .sample : .startingSample
    return flowTerms(
      at: step, from: sigmas[step], start: isFirst ? nil : levels.next - levels.change, to: levels.next,
      noise: isFirst ? levels.noiseScale : 0,
      [
        .init(.init(""), 1, start),
        .init(
          isFirst ? .sigmaChange : .sigmaChangeFromStart, levels.change, isFirst ? .derivative : Self.meanDerivative),
      ])
  }

  /// Takes one call of a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let (levels, isFirst) = try levels(at: step, options)
    try Self.check("model output", modelOutput, like: sample)
    let former = isFirst ? nil : try Self.first(first, of: step)
    let drawn = levels.gamma > 0 ? try noise() : nil
    if let drawn { try Self.check("variance noise", drawn, like: sample) }
    let x = levels.sample(sample.scalars, drawn), sigma = isFirst ? levels.sigma : levels.next
    let original = zip(x, modelOutput.scalars).map { $0 - $1 * sigma }
    let divisor = isFirst ? levels.sigmaHat : levels.next
    let derivative = zip(x, original).map { ($0 - $1) / divisor }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    var operands = [UpdateTerms.Operand.derivative: tensor(derivative)]
    if drawn != nil { operands[.noisySample] = tensor(x) }
    let previous: [Float]
    if let former {
      let mean = zip(former.derivative, derivative).map { 0.5 * ($0 + $1) }
      previous = zip(former.sample, mean).map { $0 + $1 * levels.change }
      operands[.startingSample] = tensor(former.sample)
      operands[Self.meanDerivative] = tensor(mean)
      first = nil
    } else {
      previous = zip(x, derivative).map { $0 + $1 * levels.change }
      first = (x, derivative)
    }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original),
      predEpsilon: tensor(zip(original, derivative).map { $0 + $1 }), varianceNoise: drawn, operands: operands)
  }
}
