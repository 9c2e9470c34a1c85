/// A midpoint method over sigmas: steps of two model calls, the second one at a sigma in the middle.
public struct MidpointMethod: Sendable {
  /// The sigmas of a step.
  struct Levels: Sendable {
    /// The start, and the sigma of the second call.
    let from, middle: Float
    /// The sigma that the derivative leads to, and the one after fresh noise.
    let down, to: Float
    /// The standard deviation of that noise.
    let up: Float
  }

  fileprivate(set) var timesteps: [Float] = []
  fileprivate var steps: [Levels] = []
  /// The sample that the first call of a step was given.
  fileprivate var sample: Tensor<Float>?

  /// The geometric mean of two sigmas, as Diffusers computes it: `start.log().lerp(end.log(), 0.5).exp()`.
  static func mean(_ start: Float, _ end: Float) -> Float {
    let (start, end) = (FloatMath.log(start), FloatMath.log(end))
    return FloatMath.exp(end.addingProduct(-0.5, end - start))
  }
}

/// A scheduler with a midpoint method.
protocol MidpointScheduler: SigmaScheduler where Configuration == KDPM2DiscreteSchedulerConfig {
  var method: MidpointMethod { get set }
  var schedule: SigmaSchedule { get }
  /// Whether each step draws noise.
  static var drawsNoise: Bool { get }
  /// The sigmas of a step between two of the run's.
  func step(from: Float, to: Float) -> MidpointMethod.Levels
}

extension MidpointScheduler {
  /// Cumulative products of 1 - beta, one for each training timestep.
  public var alphasCumprod: [Float] { schedule.alphasCumprod }
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public var timesteps: [Float] { method.timesteps }
  /// 2: there are two model calls for each step.
  public var order: Int { 2 }

  /// The sigma after the first call of each step is that of the step's end, as in Diffusers, whose `add_noise` uses it;
  /// ``terms(at:options:)`` has the sigma of the sample itself.
  public var sigmas: [Float] {
    method.steps.prefix(1).map(\.from) + method.steps.dropLast().flatMap { [$0.to, $0.to] } + [0]
  }

  /// Chooses the sigmas and timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for fewer than one step.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    try Self.check(steps: numInferenceSteps, most: nil)
    let levels = try config.levels(numInferenceSteps, of: schedule)
    use(levels.timesteps, levels.sigmas)
  }

  /// Cuts the sigmas below a noise level, and begins at it with the first call of a step.
  public mutating func start(at level: NoiseLevel) throws {
    // The first calls alone: the sigmas between them belong to the old steps.
    let firsts = timesteps.indices.filter { $0.isMultiple(of: 2) }
    let levels = SigmaSchedule.cut(
      firsts.map { timesteps[$0] }, method.steps.map(\.from) + [0], at: level.sigma, level.timestep)
    use(levels.timesteps, levels.sigmas)
  }

  private mutating func use(_ timesteps: [Float], _ sigmas: [Float]) {
    method = MidpointMethod()
    method.steps = zip(sigmas, sigmas.dropFirst()).map(step)
    let middles = method.steps.dropLast().map { schedule.timestep(of: $0.middle) }
    method.timesteps = timesteps.prefix(1) + zip(middles, timesteps.dropFirst()).flatMap { [$0, $1] }
  }

  /// The sigmas of the step that a call belongs to, the sigma of the call's sample, and the one that it leads to.
  private func levels(at step: Int) throws -> (pair: MidpointMethod.Levels, input: Float, output: Float) {
    _ = try timestep(at: step)
    let pair = method.steps[step / 2]
    return step.isMultiple(of: 2) ? (pair, pair.from, pair.middle) : (pair, pair.middle, pair.to)
  }

  /// The sigma of the call's sample.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    NoiseLevel(timestep: try timestep(at: step), sigma: try levels(at: step).input)
  }

  /// The sample divided by sqrt(sigma^2 + 1).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    let sigma = try levels(at: step).input
    let divisor = (sigma * sigma + 1).squareRoot()
    return sample.map { $0 / divisor }
  }

  /// The terms of a call.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let (pair, input, output) = try levels(at: step)
    let isFirst = step.isMultiple(of: 2)
    let change =
      isFirst
      ? UpdateTerms.Term(
        .init("(\u{03C3}_mid\u{2212}\u{03C3})", ascii: "(sigma_mid - sigma)"), pair.middle - pair.from, .derivative)
      : UpdateTerms.Term(
        .init("(\u{03C3}_down\u{2212}\u{03C3}_s)", ascii: "(sigma_down - sigma_s)"), pair.down - pair.from,
        .derivative)
    let added = isFirst || !Self.drawsNoise ? [] : [UpdateTerms.Term(.sigmaUp, pair.up, .noise)]
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: Self.alphaCumprod(of: input),
      alphaCumprodPrev: Self.alphaCumprod(of: output), sigma: isFirst ? 0 : pair.up,
      terms: [.init(.init(""), 1, isFirst ? .sample : .startingSample), change] + added,
      quantities: [.init(.sigma, "sigma", input)]
        + (isFirst
          ? [.init(.init("\u{03C3}_mid", ascii: "sigma_mid"), "sigma in the middle", pair.middle)]
          : [
            .sigmaStart(pair.from),
            .init(.init("\u{03C3}_down", ascii: "sigma_down"), "sigma without noise", pair.down),
          ])
        + [.init(.sigmaPrev, "sigma after", output)])
  }

  /// Takes one call of a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let (pair, input, _) = try levels(at: step)
    let isFirst = step.isMultiple(of: 2)
    try Self.check("model output", modelOutput, like: sample)
    let original = config.predictionType.original(
      in: sample.scalars, modelOutput.scalars, sigma: input, noiseLevel: input)
    let derivative = zip(sample.scalars, original).map { ($0 - $1) / input }
    let start = isFirst ? sample : try Self.first(method.sample, of: step)
    let change = (isFirst ? pair.middle : pair.down) - pair.from
    var previous = zip(start.scalars, derivative).map { $0 + $1 * change }
    var drawn: Tensor<Float>?
    if !isFirst, Self.drawsNoise {
      let noise = try noise()
      try Self.check("variance noise", noise, like: sample)
      for index in previous.indices { previous[index] += noise.scalars[index] * pair.up }
      drawn = noise
    }
    method.sample = isFirst ? sample : nil
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(original), predEpsilon: tensor(derivative),
      varianceNoise: drawn, operands: [.derivative: tensor(derivative), .startingSample: start])
  }
}
