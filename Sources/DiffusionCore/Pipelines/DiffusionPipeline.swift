import FoundationEssentials

/// A model and a scheduler that turn noise into images, as `diffusers.DiffusionPipeline`.
public struct DiffusionPipeline: Sendable {
  /// The networks.
  package let model: any PipelineModel
  /// The scheduler as the model's folder describes it; a run may ask for another class.
  public let schedulerSource: SchedulerSource
  /// A line for each doubtful place in the model's files, such as a key that occurs again.
  public internal(set) var warnings: [String] = []
  /// What takes the last steps of runs that name it; nil for none.
  var refiner: Refiner?
  /// What is left of the memory.
  package var memory: @Sendable () -> MemoryBudget = MemoryBudget.current

  /// Creates a pipeline from its parts.
  public init(unet: UNet2DModel, scheduler: some Scheduler) {
    self.init(model: unet, schedulerSource: SchedulerSource(scheduler))
  }

  init(model: any PipelineModel, schedulerSource: SchedulerSource) {
    (self.model, self.schedulerSource) = (model, schedulerSource)
  }

  /// The network of an unconditional pipeline.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a pipeline with another network, such as one that takes prompts.
  public var unet: UNet2DModel { get throws { try Self.unet(of: model) } }

  /// A model as an unconditional one.
  static func unet(of model: any PipelineModel) throws -> UNet2DModel {
    if let model = model as? LatentDiffusionModel { return model.unet }
    guard let unet = model as? UNet2DModel else {
      throw DiffusionError(.usage, "the unet is a \(model.className), not a UNet2DModel")
    }
    return unet
  }

  /// The same pipeline with its model on another device (`pipeline.to(device)`).
  ///
  /// - Throws: As the model's initialiser.
  public func to(_ device: Device) throws -> DiffusionPipeline {
    with(try model.on(RunSettings(device: device, threads: model.threads, weights: model.weights), progress: nil))
  }

  /// The same pipeline with another model.
  func with(_ model: any PipelineModel) -> DiffusionPipeline { maker()(model) }

  /// Makes the same pipeline with another model, and does not hold its own.
  func maker() -> (any PipelineModel) -> DiffusionPipeline {
    { [schedulerSource, memory, warnings, refiner] model in
      var other = DiffusionPipeline(model: model, schedulerSource: schedulerSource)
      (other.memory, other.warnings, other.refiner) = (memory, warnings, refiner)
      return other
    }
  }

  /// The scheduler of a run.
  ///
  /// - Throws: As ``SchedulerSource/scheduler(_:options:)``.
  public func scheduler(for settings: RunSettings) throws -> any Scheduler {
    try schedulerSource.scheduler(settings.scheduler, options: settings.schedulerOptions)
  }

  /// Creates a run that is advanced one step at a time, with the settings' own scheduler, device, threads, weights and
  /// generators. The model is created again if it does not match the settings; ``PipelineVariants`` caches the models.
  ///
  /// One seed gives one generator for the whole batch, several give one for each image. CUDA noise is drawn by the
  /// emulated generator and moved to the device.
  ///
  /// - Throws: ``DiffusionError``: `usage` for settings out of range, and for those that name a picture; `unavailable`
  ///   if there is not enough memory.
  public func run(_ settings: RunSettings) throws -> DenoisingRun { try run(settings, from: .noise) }

  /// Creates a run likewise, from noise or from a picture.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - start: What it starts from: a picture if ``RunSettings/initImage`` names one.
  /// - Throws: ``DiffusionError``: `usage` for settings out of range, `badData` for a picture that does not suit the
  ///   model, `unavailable` if there is not enough memory.
  public func run(_ settings: RunSettings, from start: RunStart) throws -> DenoisingRun {
    var variants = PipelineVariants(self)
    return try variants.run(settings, from: start, memory: .oneStep)
  }

  /// Refuses a run that does not fit into memory.
  ///
  /// - Parameter keptSteps: The number of steps whose tensors the caller keeps.
  func requireMemory(_ settings: RunSettings, keptSteps: Int) throws {
    let shape = try model.sampleShape(of: settings)
    let size = shape.count == 3 ? " of \(shape[2])x\(shape[1])" : ""
    let later = settings.refiner == nil ? nil : try refiner?.model.memory(of: settings, keptSteps: keptSteps)
    try memory().require(
      max(model.memory(of: settings, keptSteps: keptSteps), later ?? 0),
      for: "a run of \(settings.batchSize) image\(settings.batchSize == 1 ? "" : "s")\(size)",
      remedy: "take a smaller batch\(keptSteps > 0 ? " or fewer steps" : ""), or free memory")
  }

  /// Makes images (`DDIMPipeline.__call__`, `output_type="np"`).
  ///
  /// - Parameters:
  ///   - batchSize: The number of images, at least 1.
  ///   - generator: Draws for the whole batch: one tensor for the start, and in each step as many as its scheduler
  ///     needs. If nil, a generator with a random seed is used; the output carries the seed.
  ///   - eta: 0 (DDIM) to 1 (DDPM).
  ///   - numInferenceSteps: The number of inference steps; if nil, ``SchedulerSource/usualSteps(_:)``.
  ///   - useClippedModelOutput: Whether DDIM derives the noise again from the clipped x_0.
  ///   - progress: Called before each block of each forward pass; may throw to stop.
  /// - Throws: ``DiffusionError`` (`usage`) for arguments out of range and, as Diffusers, for a CUDA generator on the
  ///   CPU.
  public func callAsFunction(
    batchSize: Int = 1, generator: Generator? = nil, eta: Float = 0, numInferenceSteps: Int? = nil,
    useClippedModelOutput: Bool? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> ImagePipelineOutput {
    let source = generator ?? Self.randomlySeededGenerator()
    var settings = try settings(of: [source], steps: numInferenceSteps, eta: eta, useClippedModelOutput)
    settings.batchSize = batchSize
    return try finish(settings, generators: [source], progress: progress)
  }

  /// Makes images with a number of steps and a generator, as in the documentation's example on reproducible pipelines:
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
    batchSize: Int = 1, generators: [Generator], eta: Float = 0, numInferenceSteps: Int? = nil,
    useClippedModelOutput: Bool? = nil, progress: ForwardProgressHandler? = nil
  ) throws -> ImagePipelineOutput {
    try RunSettings.requireGenerators(generators.count, forBatch: batchSize)
    var settings = try settings(of: generators, steps: numInferenceSteps, eta: eta, useClippedModelOutput)
    settings.batchSize = batchSize
    return try finish(settings, generators: generators, progress: progress)
  }

  private static func randomlySeededGenerator() -> Generator {
    let generator = Generator(device: .cpu)
    _ = generator.seed()
    return generator
  }

  private func settings(
    of generators: [Generator], steps: Int?, eta: Float, _ useClippedModelOutput: Bool?
  ) throws -> RunSettings {
    let steps = try steps ?? schedulerSource.usualSteps()
    var settings = RunSettings(
      seeds: generators.map(\.initialSeed), steps: steps, eta: eta, device: model.device, threads: model.threads,
      useClippedModelOutput: useClippedModelOutput ?? false, weights: model.weights)
    if case .cuda(let multiprocessors, let threads) = generators.first?.device {
      (settings.generatorDevice, settings.multiprocessors) = (.cuda, multiprocessors)
      settings.threadsPerMultiprocessor = threads
    }
    return settings
  }

  /// Starts a run without its branches, there and back with ``RunSettings/invert``, with resolved settings.
  package func start(
    _ settings: RunSettings, noise: NoiseSource, from start: RunStart = .noise
  ) throws -> DenoisingRun {
    let start = model.showsPicture ? start.shown : start
    let first = try continuation(of: settings, on: model, from: start)
    let refiner = try refiner(for: settings)
    var format =
      schedulerSource.pipeline.samplesAreUnsigned ? PixelFormat(isSigned: false) : model.format
    if let refiner, let model = model as? StableDiffusionXLModel {
      format = try refiner.format(after: model)
    }
    var run = try DenoisingRun(
      model: model, scheduler: try firstScheduler(for: settings), sampleShape: model.sampleShape(of: settings),
      settings: settings, conditioning: first.conditioning, noise: noise, start: start, format: format,
      exchangedScheduler: schedulerSource.choice(settings.scheduler).exchanged, steps: first.steps)
    for stage in first.stages { run = try run.followed(by: stage) }
    run.firstStage = refiner == nil ? model.firstStage : Refiner.stages.base
    if settings.invert { run = try run.returning(first.scheduler) }
    (run.warnings, run.schedulerSource) = (warnings, schedulerSource)
    return run
  }

  private func finish(
    _ settings: RunSettings, generators: [Generator], progress: ForwardProgressHandler?
  ) throws -> ImagePipelineOutput {
    let noise = NoiseSource(generators, device: model.device)
    let settings = try model.accepted(settings.resolved())
    try requireMemory(settings, keptSteps: 0)
    var run = try start(settings, noise: noise)
    while !run.isFinished { _ = try run.step(progress: progress) }
    return try run.output()
  }
}

/// A way to open models: `diffusers.DiffusionPipeline`, which follows the model's index, or one of its classes.
public protocol PretrainedPipeline {
  /// The class in Diffusers; nil for the one that the index names.
  static var className: String? { get }
}

extension DiffusionPipeline: PretrainedPipeline {
  /// The class that the index names.
  public static var className: String? { nil }
}

/// `diffusers.DDIMPipeline`: it runs DDIM, whichever scheduler a folder names.
public enum DDIMPipeline: PretrainedPipeline {
  /// The class in Diffusers.
  public static let className: String? = "DDIMPipeline"
}

extension PretrainedPipeline {
  /// Opens a model at any location.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - device: The device to compute on; if nil, the processor as ``Device/cpu(environment:)`` selects it.
  ///   - threads: The number of threads; if nil, the number of processors.
  ///   - weights: The precision that the weights are rounded to.
  ///   - environment: Selects the instruction set of `cpu`; if nil, that of the process.
  ///   - progress: Called before each tensor is read; may throw to stop.
  /// - Throws: ``DiffusionError``: `missingInput` for a file that is missing, `badData` for one that is damaged,
  ///   inconsistent or not supported; and what `progress` throws.
  public static func load(
    _ source: ModelSource, device: Device? = nil, threads: Int? = nil, weights: WeightPrecision = .float32,
    environment: [String: String]? = nil, progress: OpeningProgressHandler? = nil
  ) throws -> DiffusionPipeline {
    let device = try device ?? Device.cpu(environment: environment ?? ProcessInfo.processInfo.environment)
    // Refuses what is not supported before anything large is read.
    let schedulerSource = try SchedulerSource(source, as: className.map { try PipelineClass(named: $0) })
    let model = try schedulerSource.pipeline.kind.open(
      source, RunSettings(device: device, threads: threads ?? Device.processorCount, weights: weights),
      progress: progress)
    var pipeline = DiffusionPipeline(model: model, schedulerSource: schedulerSource)
    pipeline.warnings =
      try source.warnings(of: schedulerSource.pipeline.networks(of: source.modelIndex()))
      + schedulerSource.warnings
      + PipelineClass.warnings(about: source.modelIndex(), of: source.name) + model.fileNotes
    for refiner in source.refiners {
      pipeline = try pipeline.refined(
        by: ModelReference(refiner.name),
        DiffusionPipeline.load(
          refiner.source, device: device, threads: threads, weights: weights, progress: progress))
    }
    return pipeline
  }
}

extension SchedulerSource {
  /// Reads a model's scheduler.
  ///
  /// - Parameters:
  ///   - source: The model.
  ///   - pipelineClass: The pipeline class to open it with; if nil, the one that its index names.
  /// - Throws: ``DiffusionError`` for an index or a configuration that is missing, damaged or not supported. A class
  ///   that is not supported is an error only when it is to run, since a run may ask for another.
  public init(_ source: ModelSource, as pipelineClass: PipelineClass? = nil) throws {
    let index = try source.modelIndex()
    let pipeline = try pipelineClass ?? PipelineClass(named: index.className, file: source.name)
    func own(_ component: String) throws -> SchedulerSource {
      let file = try source.config(of: component)
      var found = SchedulerSource(
        className: index.components[component] ?? "",
        reader: try ConfigurationReader(json: file.read(), file: file.path), pipeline: pipeline)
      found.place = "\(try source.modelIndexFile().path): "
      return found
    }
    self = try own(pipeline.schedulers.first ?? "scheduler")
    later = try pipeline.schedulers.dropFirst().map(own)
    if let choice = try? choice(nil) { _ = try choice.schedulerClass.scheduler(from: reader) }
  }
}
