/// A configuration of a scheduler for models of flow matching (Lipman et al. 2022, arXiv 2210.02747).
public protocol FlowMatchConfiguration: SchedulerConfiguration {
  /// The number of timesteps the model was trained on, 1 to 1,000,000.
  var numTrainTimesteps: Int { get set }
  /// How much sigmas are shifted towards 1; 1 for not at all.
  var shift: Double { get set }
}

extension FlowMatchConfiguration {
  /// The options of the sigmas.
  static var flowOptions: [ConfigurationOption<Self>] {
    [.int("num_train_timesteps", \.numTrainTimesteps), .double("shift", \.shift)]
  }

  /// The sigmas of training, from the smallest.
  ///
  /// - Parameter isShifted: Whether they are shifted.
  func trainingSigmas(isShifted: Bool = true) -> [Float] {
    let count = Float(numTrainTimesteps), factor = Float(shift), change = Float(shift - 1)
    return (1...numTrainTimesteps).map {
      let sigma = Float($0) / count
      return isShifted ? factor * sigma / (1 + change * sigma) : sigma
    }
  }

  /// Evenly spaced sigmas between the ends of those of training, from the largest, before they are shifted again.
  func evenSigmas(_ count: Int, of training: [Float]) -> [Double] {
    let all = Double(numTrainTimesteps)
    func timestep(_ sigma: Float?) -> Double { Double(sigma ?? 0) * all }
    return SigmaSchedule.linspace(timestep(training.last), timestep(training.first), count: count).map { $0 / all }
  }

  /// A sigma shifted towards 1.
  func shifted(_ sigma: Double) -> Double { shift * sigma / (1 + (shift - 1) * sigma) }

  /// Checks the options of the sigmas.
  ///
  /// - Throws: As ``SchedulerConfiguration/validate()``.
  func validateFlow() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    guard shift.isFinite else { throw DiffusionError(.badData, "shift is \(shift): expected a number") }
  }
}

/// A scheduler for models of flow matching: x_t is (1 - sigma) x_0 + sigma noise, the model predicts the noise minus
/// the image, and a timestep is sigma times the number of training timesteps.
public protocol FlowMatchScheduler: Scheduler where Configuration: FlowMatchConfiguration {
  /// The sigma of each call's sample, followed by the one that the last step leads to.
  var sigmas: [Float] { get }
  /// Whether sigma is the share of the image instead of that of the noise.
  var invertsSigmas: Bool { get }
}

extension FlowMatchScheduler {
  /// Timesteps are multiples of sigma.
  public static var tells: NoiseTold { .share }
  /// That of flow matching.
  public var scale: NoiseLevel.Scale { .flow }
  /// False.
  public var invertsSigmas: Bool { false }

  /// alpha-bar of sigmas of training, the share of the image in the variance of x_t.
  static func alphas(of sigmas: [Float]) -> [Float] {
    sigmas.map { NoiseLevel(timestep: 0, sigma: $0 / (1 - $0)).alphaCumprod }
  }

  /// The ratio of noise to image at a sigma.
  func ratio(of sigma: Float) -> Float { invertsSigmas ? (1 - sigma) / sigma : sigma / (1 - sigma) }

  /// The ratio of noise to image of the step.
  public func noiseLevel(at step: Int) throws -> NoiseLevel {
    _ = try timestep(at: step)
    let ratio = ratio(of: sigmas[step])
    return NoiseLevel(timestep: trainingTimestep(ofSigma: ratio), sigma: ratio, scale: .flow)
  }

  /// The steps below a level, with one at the level itself in front of them.
  func steps(from level: NoiseLevel) -> (timesteps: [Float], sigmas: [Float]) {
    let below = timesteps.indices.filter { ratio(of: sigmas[$0]) < level.sigma }
    let share = level.sigma.isFinite ? level.sigma / (level.sigma + 1) : 1
    let first =
      sigmas.prefix(timesteps.count).first { ratio(of: $0) == level.sigma } ?? (invertsSigmas ? 1 - share : share)
    return (
      [first * Float(config.numTrainTimesteps)] + below.map { timesteps[$0] },
      [first] + below.map { sigmas[$0] } + sigmas[timesteps.count...]
    )
  }

  /// sigma noise + (1 - sigma) image (`scale_noise`).
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try noisy(originalSamples, noise, try timesteps.map { sigmas[try index(ofTimestep: $0)] })
  }

  /// The same with the step's sigma: timesteps may repeat.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    return try noisy(originalSamples, noise, [sigmas[step]])
  }

  private func noisy(_ sample: Tensor<Float>, _ noise: Tensor<Float>, _ sigmas: [Float]) throws -> Tensor<Float> {
    let indices = try Self.timestepIndices(of: sigmas.count, sample, noise)
    var result = sample.scalars
    for index in result.indices {
      let sigma = sigmas[indices(index)]
      result[index] = sigma * noise.scalars[index] + (1 - sigma) * result[index]
    }
    return Tensor(unchecked: sample.shape, result)
  }

  /// x_0 and the noise that a model's output predicts in a sample at a sigma.
  func prediction(
    _ modelOutput: [Float], in sample: [Float], at sigma: Float
  ) -> (original: [Float], epsilon: [Float]) {
    guard !invertsSigmas else {
      let original = zip(sample, modelOutput).map { $0 + (1 - sigma) * $1 }
      return (original, zip(sample, modelOutput).map { $0 - sigma * $1 })
    }
    let original = zip(sample, modelOutput).map { $0 - sigma * $1 }
    return (original, zip(sample, modelOutput).map { $0 + (1 - sigma) * $1 })
  }

  /// A step with its place on the schedule; `start` is the sigma that a step of several calls began at.
  func flowTerms(
    at step: Int, from sigma: Float, start: Float? = nil, to next: Float, noise: Float = 0, _ terms: [UpdateTerms.Term]
  ) -> UpdateTerms {
    func level(_ sigma: Float) -> NoiseLevel { NoiseLevel(timestep: 0, sigma: ratio(of: sigma)) }
    return UpdateTerms(
      timestep: timesteps[step], place: trainingTimestep(ofSigma: ratio(of: sigmas[step])),
      alphaCumprod: level(sigmas[step]).alphaCumprod, alphaCumprodPrev: level(next).alphaCumprod, sigma: noise,
      terms: terms,
      quantities: [.init(.sigma, "sigma", sigma)] + (start.map { [.sigmaStart($0)] } ?? [])
        + [.init(.sigmaPrev, "sigma after", next)])
  }
}
