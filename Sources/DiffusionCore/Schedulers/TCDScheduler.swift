/// Strategic stochastic sampling of trajectory consistency models (Zheng et al. 2024, arXiv 2402.19159), as
/// `diffusers.TCDScheduler` 0.42.1.
///
/// A step leads to a timestep below the next one, by the share `eta`, and adds fresh noise up to it.
public struct TCDScheduler: Scheduler {
  /// The class in Diffusers.
  public static let className = "TCDScheduler"
  /// The name on the command line.
  public static let shortName = "tcd"
  /// The share of the way below the next timestep, gamma in the paper: 0 (no noise) to 1.
  public static let stepOptions: [ConfigurationOption<SchedulerOptions>] = [.float("eta", \.eta).asSetting]

  /// The configuration.
  public let config: LCMSchedulerConfig
  /// Cumulative products of 1 - beta, one for each training timestep.
  public let alphasCumprod: [Float]
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public private(set) var timesteps: [Float]

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: LCMSchedulerConfig = LCMSchedulerConfig()) throws {
    try config.validate()
    self.config = config
    alphasCumprod = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: config.rescaleBetasZeroSnr))
    timesteps = (0..<config.numTrainTimesteps).reversed().map(Float.init)
  }

  /// Chooses the timesteps of a run.
  ///
  /// - Parameter numInferenceSteps: The number of inference steps, 1 to `originalInferenceSteps`.
  /// - Throws: ``DiffusionError`` (`usage`) if it is out of range.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws {
    timesteps = try config.timesteps(numInferenceSteps)
  }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws {
    timesteps = wholeTimesteps(from: level)
  }

  /// The coefficients of a step, the same for every element.
  private struct Coefficients {
    /// The alpha-bars at the step's start, below its end, and at its end.
    let alpha, below, next: Float
    /// Whether the step adds noise.
    let addsNoise: Bool

    init(_ scheduler: TCDScheduler, at step: Int, eta: Float) throws {
      guard (0...1).contains(eta) else {
        throw DiffusionError(.usage, "eta is \(eta): expected 0 to 1")
      }
      let isLast = step == scheduler.timesteps.count - 1
      alpha = try scheduler.alphaCumprod(at: scheduler.timestep(at: step))
      let timestep = isLast ? 0 : scheduler.timesteps[step + 1]
      next = try scheduler.alphaCumprod(at: timestep)
      below = try scheduler.alphaCumprod(at: (Float(1 - Double(eta)) * timestep).rounded(.down))
      addsNoise = eta > 0 && !isLast
    }

    /// The factors of the sample below and of fresh noise.
    var roots: (sample: Float, noise: Float) {
      guard addsNoise else { return (1, 0) }
      let share = next / below
      return (share.squareRoot(), (1 - share).squareRoot())
    }
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    let numbers = try Coefficients(self, at: step, eta: options.eta), roots = numbers.roots
    return UpdateTerms(
      timestep: timesteps[step], alphaCumprod: numbers.alpha, alphaCumprodPrev: numbers.next, sigma: roots.noise,
      terms: [
        .init(
          .init("\u{221A}\u{03B1}_prev", ascii: "sqrt(a_prev)"), roots.sample * numbers.below.squareRoot(),
          .predOriginalSample),
        .init(
          .init("\u{221A}\u{03B1}_prev \u{221A}(1/\u{03B1}_s\u{2212}1)", ascii: "sqrt(a_prev) sqrt(1/a_s - 1)"),
          roots.sample * (1 - numbers.below).squareRoot(), .predEpsilon),
        .init(
          .init("\u{221A}(1\u{2212}\u{03B1}_prev/\u{03B1}_s)", ascii: "sqrt(1 - a_prev/a_s)"), roots.noise, .noise),
      ],
      quantities: [
        .init(.alpha, "alpha-bar", numbers.alpha), .init(.alphaPrev, "alpha-bar after", numbers.next),
        .init(.init("\u{03B1}_s", ascii: "a_s"), "alpha-bar below", numbers.below),
        .init(.sigma, "sigma", roots.noise),
      ])
  }

  /// Takes a step. With eta above 0 all but the last draw noise.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    let numbers = try Coefficients(self, at: step, eta: options.eta)
    try Self.check("model output", modelOutput, like: sample)
    let predicted = config.predictionType.split(
      modelOutput.scalars, sample.scalars, rootAlpha: numbers.alpha.squareRoot(),
      rootBeta: (1 - numbers.alpha).squareRoot())
    let (rootAlpha, rootBeta) = (numbers.below.squareRoot(), (1 - numbers.below).squareRoot())
    var previous = zip(predicted.original, predicted.epsilon).map { rootAlpha * $0 + rootBeta * $1 }
    var drawn: Tensor<Float>?
    if numbers.addsNoise {
      let noise = try noise(), roots = numbers.roots
      try Self.check("variance noise", noise, like: sample)
      for index in previous.indices {
        previous[index] = roots.sample * previous[index] + roots.noise * noise.scalars[index]
      }
      drawn = noise
    }
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(predicted.original),
      predEpsilon: tensor(predicted.epsilon), varianceNoise: drawn)
  }
}
