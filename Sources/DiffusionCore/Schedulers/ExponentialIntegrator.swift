import TensorKernels

/// What a model's output means to a solver of the diffusion equation (`prediction_type`).
public enum SolverPredictionType: String, Sendable, Hashable, CaseIterable {
  /// The noise in the sample.
  case epsilon
  /// The image without noise.
  case sample
  /// The velocity sqrt(alpha-bar) epsilon - sqrt(1 - alpha-bar) x_0 (Salimans & Ho 2022, arXiv 2202.00512).
  case vPrediction = "v_prediction"
  /// The noise minus the image (flow matching, Lipman et al. 2022, arXiv 2210.02747).
  case flowPrediction = "flow_prediction"
}

/// How timesteps are shifted for a resolution (`time_shift_type`), which only pipelines for flow matching do.
public enum TimeShiftType: String, Sendable, Hashable, CaseIterable {
  /// By e to a power.
  case exponential
  /// By a factor.
  case linear
}

/// A configuration of an exponential integrator.
public protocol SolverConfiguration: RespacedSigmaConfiguration {
  /// What the model's output means.
  var predictionType: SolverPredictionType { get set }
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  var thresholding: Bool { get set }
  /// The quantile of absolute values used as the threshold, 0 to 1.
  var dynamicThresholdingRatio: Double { get set }
  /// The largest threshold.
  var sampleMaxValue: Double { get set }
  /// Whether x_t is (1 - sigma) x_0 + sigma noise, with evenly spaced sigmas that are then shifted.
  var useFlowSigmas: Bool { get set }
  /// How much those sigmas are shifted towards 1; 1 for not at all.
  var flowShift: Double { get set }
  /// Whether the solver integrates the predicted image; otherwise it integrates the predicted noise.
  var integratesImage: Bool { get }
  /// Whether what is integrated is thresholded.
  var limitsPrediction: Bool { get }
  /// Whether the model predicts variances too, along the channels, which the solver leaves out.
  var dropsVariance: Bool { get }
  /// Whether sigmas are evenly spaced in the logarithms of training.
  var usesLogarithms: Bool { get }
}

extension SolverConfiguration {
  /// As `thresholding` says.
  public var limitsPrediction: Bool { thresholding }
  /// False: the model predicts no variances.
  public var dropsVariance: Bool { false }
  /// False.
  public var usesLogarithms: Bool { false }

  /// The options that every integrator has.
  static var solverOptions: [ConfigurationOption<Self>] {
    sigmaOptions + [
      .name("prediction_type", \.predictionType), .bool("thresholding", \.thresholding),
      .double("dynamic_thresholding_ratio", \.dynamicThresholdingRatio), .double("sample_max_value", \.sampleMaxValue),
      .bool("use_flow_sigmas", \.useFlowSigmas), .double("flow_shift", \.flowShift),
    ]
  }

  /// How sigmas are spaced; integrators have more ways than other schedulers over sigmas.
  var solverSpacing: SigmaSchedule.Spacing {
    if useKarrasSigmas { return .karras }
    if usesLogarithms { return .lu }
    if useExponentialSigmas { return .exponential }
    if useBetaSigmas { return .beta }
    return useFlowSigmas ? .flow(shift: flowShift) : .timesteps
  }

  var limits: SampleLimits {
    SampleLimits(
      thresholding: thresholding, dynamicThresholdingRatio: dynamicThresholdingRatio, sampleMaxValue: sampleMaxValue)
  }

  /// Checks the options that every integrator has.
  ///
  /// - Throws: As ``SchedulerConfiguration/validate()``.
  func validateSolver() throws {
    try validateBetas()
    try validateSpacing()
    try limits.validate()
    guard integratesImage || predictionType != .flowPrediction else {
      throw DiffusionError(
        .badData,
        "prediction_type is flow_prediction: an algorithm that integrates the noise expects one of epsilon, "
          + "sample, v_prediction; choose one that integrates the image")
    }
  }
}

/// The factors of image and noise at a sigma: x_t = alpha x_0 + sigma noise.
struct SolverLevel: Sendable {
  let alpha, sigma: Float
  /// log(alpha / sigma).
  let lambda: Float

  /// - Parameter isFlow: Whether alpha is 1 - sigma; otherwise both are divided by sqrt(sigma^2 + 1).
  init(_ sigma: Float, isFlow: Bool) {
    alpha = isFlow ? 1 - sigma : 1 / (sigma * sigma + 1).squareRoot()
    self.sigma = isFlow ? sigma : sigma * alpha
    lambda = FloatMath.log(alpha) - FloatMath.log(self.sigma)
  }

  /// The level of a sample that is the image plus sigma times noise.
  init(varianceExploding sigma: Float) {
    (alpha, self.sigma) = (1, sigma)
    lambda = FloatMath.log(1) - FloatMath.log(sigma)
  }
}

/// A solver of the diffusion equation that integrates the model's predictions exactly in their exponential factors
/// (`DPMSolverMultistepScheduler` and its relatives).
///
/// Its sigmas are ratios of noise to image, as for Euler's method, but its samples preserve the variance.
public protocol ExponentialIntegrator: Scheduler where Configuration: SolverConfiguration {
  /// The ratio of noise to image of each step, followed by the one that the last step leads to; with flow sigmas, the
  /// share of the noise.
  var sigmas: [Float] { get }
}

extension ExponentialIntegrator {
  /// Variance preserving, or that of flow matching.
  public var scale: NoiseLevel.Scale { config.useFlowSigmas ? .flow : .variancePreserving }

  /// The sigma of the step.
  public func noiseLevel(at step: Int) throws -> NoiseLevel { noiseLevel(try timestep(at: step), sigmas[step]) }

  func noiseLevel(_ timestep: Float, _ sigma: Float) -> NoiseLevel {
    NoiseLevel(timestep: timestep, sigma: config.useFlowSigmas ? sigma / (1 - sigma) : sigma, scale: scale)
  }

  /// The share of the image in the variance of x_t at a sigma.
  func alphaCumprod(ofSigma sigma: Float) -> Float { noiseLevel(0, sigma).alphaCumprod }

  /// The steps below a level, with one at the level itself in front of them.
  func steps(from level: NoiseLevel) -> (timesteps: [Float], sigmas: [Float]) {
    let sigma = config.useFlowSigmas ? level.sigma / (level.sigma + 1) : level.sigma
    return SigmaSchedule.cut(timesteps, sigmas, at: sigma, level.timestep)
  }

  func level(_ index: Int) -> SolverLevel { SolverLevel(sigmas[index], isFlow: config.useFlowSigmas) }

  /// The image and the noise in the proportions of the timesteps' sigmas.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try noisy(originalSamples, noise, try timesteps.map { level(try index(ofTimestep: $0)) })
  }

  /// The image and the noise in the proportions of the step's sigma: timesteps may repeat.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    return try noisy(originalSamples, noise, [level(step)])
  }

  private func noisy(
    _ sample: Tensor<Float>, _ noise: Tensor<Float>, _ levels: [SolverLevel]
  ) throws -> Tensor<Float> {
    let indices = try Self.timestepIndices(of: levels.count, sample, noise)
    var result = sample.scalars
    for index in result.indices {
      let level = levels[indices(index)]
      result[index] = level.alpha * result[index] + level.sigma * noise.scalars[index]
    }
    return Tensor(unchecked: sample.shape, result)
  }

  /// x_0 and the noise that a model's output predicts; of the two, the one that the solver integrates is limited
  /// (`convert_model_output`).
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for an output that does not fit.
  func prediction(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>
  ) throws -> (original: [Float], epsilon: [Float]) {
    let output = try mean(of: modelOutput, like: sample), level = level(step), x = sample.scalars
    var (original, epsilon): ([Float], [Float])
    if let type = PredictionType(rawValue: config.predictionType.rawValue) {
      (original, epsilon) = type.split(output, x, rootAlpha: level.alpha, rootBeta: level.sigma)
    } else {
      // The flow.
      original = zip(x, output).map { $0 - sigmas[step] * $1 }
      epsilon = PredictionType.noise(in: x, around: original, level.alpha, level.sigma)
    }
    guard config.limitsPrediction else { return (original, epsilon) }
    guard !config.integratesImage else {
      return (config.limits.applied(to: original, shape: sample.shape), epsilon)
    }
    original = zip(x, epsilon).map { ($0 - level.sigma * $1) / level.alpha }
    original = config.limits.applied(to: original, shape: sample.shape)
    return (original, PredictionType.noise(in: x, around: original, level.alpha, level.sigma))
  }

  /// The output without variances: Diffusers keeps three channels.
  private func mean(of modelOutput: Tensor<Float>, like sample: Tensor<Float>) throws -> [Float] {
    let (shape, output) = (sample.shape, modelOutput.shape)
    guard config.dropsVariance, config.predictionType == .epsilon, shape.count > 1, shape[1] == 3,
      output.count == shape.count, output[1] > 3, output[0] == shape[0], output[2...] == shape[2...]
    else {
      try Self.check("model output", modelOutput, like: sample)
      return modelOutput.scalars
    }
    let each = Int.product(of: shape.dropFirst()), all = Int.product(of: output.dropFirst())
    return (0..<shape[0]).flatMap { modelOutput.scalars[$0 * all..<$0 * all + each] }
  }

  /// A step with its place on the schedule.
  func solverTerms(at step: Int, _ terms: [UpdateTerms.Term], order: Int) -> UpdateTerms {
    UpdateTerms(
      timestep: timesteps[step], alphaCumprod: alphaCumprod(ofSigma: sigmas[step]),
      alphaCumprodPrev: alphaCumprod(ofSigma: sigmas[step + 1]),
      sigma: terms.first { $0.operand == .noise }?.coefficient ?? 0, terms: terms,
      quantities: [
        .init(.sigma, "sigma", sigmas[step]),
        .init(.sigmaPrev, "sigma after", sigmas[step + 1]),
        .init(.init("h"), "lambda step", level(step + 1).lambda - level(step).lambda),
        .init(.init("k"), "order", Float(order)),
      ])
  }

  /// The result of a step that is a sum.
  ///
  /// - Parameters:
  ///   - prediction: What the model's output predicts.
  ///   - terms: The sum.
  ///   - operands: Its operands but for the sample, the prediction and the noise.
  ///   - noise: The fresh noise, if the step adds any.
  func output(
    _ prediction: (original: [Float], epsilon: [Float]), _ terms: [UpdateTerms.Term],
    _ operands: [UpdateTerms.Operand: [Float]], sample: Tensor<Float>, noise: Tensor<Float>?
  ) throws -> SchedulerOutput {
    if let noise { try Self.check("variance noise", noise, like: sample) }
    var all = operands.merging([
      .sample: sample.scalars, .predOriginalSample: prediction.original, .predEpsilon: prediction.epsilon,
    ]) { own, _ in own }
    if let noise { all[.noise] = noise.scalars }
    return output(prediction, UpdateTerms.Term.sum(terms, all), operands, sample: sample, noise: noise)
  }

  /// The result of a step that leads to a sample.
  func output(
    _ prediction: (original: [Float], epsilon: [Float]), _ previous: [Float],
    _ operands: [UpdateTerms.Operand: [Float]], sample: Tensor<Float>, noise: Tensor<Float>? = nil
  ) -> SchedulerOutput {
    func tensor(_ scalars: [Float]) -> Tensor<Float> { Tensor(unchecked: sample.shape, scalars) }
    return SchedulerOutput(
      prevSample: tensor(previous), predOriginalSample: tensor(prediction.original),
      predEpsilon: tensor(prediction.epsilon), varianceNoise: noise, operands: operands.mapValues(tensor))
  }
}
