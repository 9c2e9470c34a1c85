/// DDIM under the name of `diffusers.DDIMParallelScheduler` 0.42.1, whose step is the same.
///
/// Diffusers has it for ParaDiGMS (Shih et al. 2023, arXiv 2305.16317), which steps many timesteps at once.
public struct DDIMParallelScheduler: SchedulerAlias {
  /// The class in Diffusers.
  public static let className = "DDIMParallelScheduler"
  /// The name on the command line.
  public static let shortName = "ddim-parallel"

  var base: DDIMScheduler
}

/// DDPM under the name of `diffusers.DDPMParallelScheduler` 0.42.1, whose step is the same.
public struct DDPMParallelScheduler: SchedulerAlias {
  /// The class in Diffusers.
  public static let className = "DDPMParallelScheduler"
  /// The name on the command line.
  public static let shortName = "ddpm-parallel"

  var base: DDPMScheduler
}

/// A scheduler that is another one under a name of its own.
protocol SchedulerAlias: Scheduler where Configuration == Base.Configuration {
  associatedtype Base: Scheduler
  var base: Base { get set }
  init(base: Base)
}

extension SchedulerAlias {
  /// The arguments of the other one's step.
  public static var stepOptions: [ConfigurationOption<SchedulerOptions>] { Base.stepOptions }
  /// The scale of the other one's samples.
  public var scale: NoiseLevel.Scale { base.scale }
  /// The configuration.
  public var config: Base.Configuration { base.config }
  /// The timesteps of the run, in the order they are taken: one for each model call.
  public var timesteps: [Float] { base.timesteps }
  /// Cumulative products of 1 - beta, one for each training timestep.
  public var alphasCumprod: [Float] { base.alphasCumprod }
  /// The factor of the initial noise.
  public var initNoiseSigma: Float { base.initNoiseSigma }
  /// The number of model calls that Diffusers counts for each inference step.
  public var order: Int { base.order }

  /// Creates a scheduler.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the invalid option.
  public init(config: Base.Configuration) throws { self.init(base: try Base(config: config)) }

  /// Chooses the timesteps of a run.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if that many are not possible.
  public mutating func setTimesteps(_ numInferenceSteps: Int) throws { try base.setTimesteps(numInferenceSteps) }

  /// Says which step a run starts with.
  public mutating func setBeginIndex(_ step: Int) { base.setBeginIndex(step) }

  /// The noise level of the sample that a step starts from.
  public func noiseLevel(at step: Int) throws -> NoiseLevel { try base.noiseLevel(at: step) }

  /// Cuts the timesteps below a noise level, and begins at it.
  public mutating func start(at level: NoiseLevel) throws { try base.start(at: level) }

  /// Scales the input of the model.
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    try base.scaleModelInput(sample, at: step)
  }

  /// Takes a step.
  public mutating func step(
    _ modelOutput: Tensor<Float>, at step: Int, sample: Tensor<Float>, options: SchedulerOptions,
    noise: () throws -> Tensor<Float>
  ) throws -> SchedulerOutput {
    try base.step(modelOutput, at: step, sample: sample, options: options, noise: noise)
  }

  /// The terms of a step.
  public func terms(at step: Int, options: SchedulerOptions) throws -> UpdateTerms {
    try base.terms(at: step, options: options)
  }

  /// Adds the noise of given timesteps to images.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    try base.addNoise(originalSamples, noise: noise, timesteps: timesteps)
  }

  /// Adds the noise of a step to images.
  public func addNoise(_ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    try base.addNoise(originalSamples, noise: noise, at: step)
  }
}
