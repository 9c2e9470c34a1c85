/// A UNet and a DDIM scheduler that make images of noise, as `diffusers.DDIMPipeline`.
public struct DDIMPipeline: Sendable {
  /// The model.
  public let unet: UNet2DModel
  /// The schedule.
  public let scheduler: DDIMScheduler

  /// Makes a pipeline of its parts.
  public init(unet: UNet2DModel, scheduler: DDIMScheduler) {
    self.unet = unet
    self.scheduler = scheduler
  }

  /// Starts a run that is walked one step at a time, with the settings' own device, threads, weights and generators.
  /// The model is made anew if it is not already what they ask for; ``PipelineVariants`` keeps those that were made.
  ///
  /// One seed is one generator for the whole batch, several are one for each image; CUDA noise is drawn by the emulated
  /// generator and moved to the device that computes.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for settings out of range.
  public func run(_ settings: RunSettings) throws -> DenoisingRun {
    let settings = try settings.resolved()
    return try DenoisingRun(
      model: try unet.on(settings), scheduler: scheduler, imageShape: imageShape(),
      settings: settings, noise: NoiseSource(settings))
  }

  /// Makes images (`DDIMPipeline.__call__`, `output_type="np"`).
  ///
  /// - Parameters:
  ///   - batchSize: Images to make, at least 1.
  ///   - generator: Draws for the whole batch: one tensor if eta is 0, and one more each step if not, the last
  ///     included. Without one, a generator with a random seed draws; the output carries the seed.
  ///   - eta: 0 (DDIM) to 1 (DDPM).
  ///   - numInferenceSteps: Steps to ask of the scheduler.
  ///   - useClippedModelOutput: See
  ///     ``DDIMScheduler/step(_:timestep:sample:eta:useClippedModelOutput:generator:varianceNoise:)``.
  ///   - progress: Told before each block of each forward pass; throws to stop.
  /// - Throws: ``DiffusionError`` (`usage`) for arguments out of range and, as Diffusers, for a CUDA generator.
  public func callAsFunction(
    batchSize: Int = 1, generator: Generator? = nil, eta: Float = 0, numInferenceSteps: Int = 50,
    useClippedModelOutput: Bool? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> ImagePipelineOutput {
    let source = generator ?? Self.randomlySeededGenerator()
    let settings = RunSettings(
      seeds: [source.initialSeed], batchSize: batchSize, steps: numInferenceSteps, eta: eta, device: unet.device,
      generatorDevice: source.device.generatorDevice, multiprocessors: source.device.multiprocessors,
      threads: unet.threads,
      useClippedModelOutput: useClippedModelOutput ?? false, weights: unet.weights)
    return try finish(settings, noise: NoiseSource(source), progress: progress)
  }

  /// Makes images of a number of steps and a generator, as the documentation's example on reproducible pipelines does:
  /// `pipeline(numInferenceSteps: 2, generator: generator)`.
  ///
  /// - Throws: As the call with every argument.
  public func callAsFunction(numInferenceSteps: Int, generator: Generator) throws -> ImagePipelineOutput {
    try self(generator: generator, numInferenceSteps: numInferenceSteps)
  }

  /// Makes images with one generator for each.
  ///
  /// - Throws: As the call with one generator, and ``DiffusionError`` (`usage`) if there are not `batchSize`
  ///   generators.
  public func callAsFunction(
    batchSize: Int = 1, generators: [Generator], eta: Float = 0, numInferenceSteps: Int = 50,
    useClippedModelOutput: Bool? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> ImagePipelineOutput {
    try RunSettings.requireGenerators(generators.count, forBatch: batchSize)
    let device = generators.first?.device ?? .cpu
    let settings = RunSettings(
      seeds: generators.map(\.initialSeed), batchSize: batchSize, steps: numInferenceSteps, eta: eta,
      device: unet.device, generatorDevice: device.generatorDevice, multiprocessors: device.multiprocessors,
      threads: unet.threads, useClippedModelOutput: useClippedModelOutput ?? false, weights: unet.weights)
    return try finish(settings, noise: NoiseSource(generators), progress: progress)
  }

  /// `[channels, height, width]` of the model's images.
  private func imageShape() throws -> [Int] {
    guard let size = unet.config.sampleSize else {
      throw DiffusionError(
        .badData,
        "config.json: sample_size is null: a pipeline needs the height and width of the images; write them there")
    }
    return [unet.config.inChannels, size.height, size.width]
  }

  private static func randomlySeededGenerator() -> Generator {
    let generator = Generator(device: .cpu)
    _ = generator.seed()
    return generator
  }

  private func finish(
    _ settings: RunSettings, noise: NoiseSource, progress: ForwardProgressHandler?
  ) throws -> ImagePipelineOutput {
    var run = try DenoisingRun(
      model: unet, scheduler: scheduler, imageShape: imageShape(), settings: try settings.resolved(), noise: noise)
    while !run.isFinished { _ = try run.step(progress: progress) }
    return run.output()
  }
}

extension Generator.Device {
  fileprivate var generatorDevice: GeneratorDevice {
    switch self {
    case .cpu: .cpu
    case .cuda: .cuda
    }
  }

  fileprivate var multiprocessors: Int {
    switch self {
    case .cpu: 132
    case .cuda(let multiprocessors, _): multiprocessors
    }
  }
}
