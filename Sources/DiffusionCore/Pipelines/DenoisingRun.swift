/// A run that is advanced one step at a time.
///
/// It holds its generators, which are reference types: two copies of a run that adds noise would draw from the same
/// generators. Keep only one copy.
public struct DenoisingRun: SteppableRun {
  /// The settings of the run; `batchSize` is the number of images for which noise is drawn.
  public let settings: RunSettings
  /// The terms of every step, in order. The scheduler decides how many there are.
  public internal(set) var schedule: [UpdateTerms]
  /// The noise as drawn, `[batch, channels, height, width]`, varied if the settings have a variation, and of one image
  /// if they select one; zeros where a picture is taken to its noise.
  public let initialNoise: Tensor<Float>
  /// x_t of the first step: the noise times the scheduler's `initNoiseSigma`, or the picture with noise added.
  public let initialSample: Tensor<Float>
  /// The number of completed steps.
  public internal(set) var completedSteps = 0
  /// x_t: the start of the next step, or the result after the last.
  public internal(set) var sample: Tensor<Float>
  /// The scheduler of the next step, with the history that it keeps.
  public var scheduler: any Scheduler { part.scheduler }

  /// The short name of the model's own scheduler where another one replaces it by default.
  public let exchangedScheduler: String?
  /// The picture that the run starts from; nil for noise alone.
  public let picture: PictureRecord?

  /// A line for each doubtful place in the model's files.
  public internal(set) var warnings: [String] = []
  /// The name of its first stage; nil for a run of one stage.
  var firstStage: String?
  /// What the stage before the present one ended with; nil in the first stage.
  var stageInput: Tensor<Float>?
  /// The model's scheduler as its folder describes it; nil for a run that no pipeline made.
  var schedulerSource: SchedulerSource?
  /// Why schedulers are not made for its model, by their short names. It reads the model's configuration as each of
  /// them would.
  public var unsuitedSchedulers: [String: String] { schedulerSource?.unsuited ?? [:] }

  let clock: any Clock<Duration>
  private let format: any SampleFormat
  /// Whether its samples are latents.
  public var samplesAreLatents: Bool { format.isLatent }
  /// What its samples are if they are latents; nil if they are images.
  public var latents: LatentFormat? { format.latents }
  /// Its prompts as the tokenizer cut them, then a negative prompt that counts; empty for a model that takes none.
  public let tokenizedPrompts: [TokenizedPrompt]
  /// The class of each of its images; empty for a model without classes.
  public let imageClasses: [ImageClass]
  /// What the next step is taken with, and what those from each later branch on are.
  var part: RunPart
  var laterParts: [RunPart] = []
  /// What the steps before the last branch that was taken were taken with.
  var formerParts: [RunPart] = []

  /// The model of the next step.
  var model: any DenoisingModel { part.model(of: completedSteps - part.firstStep) }
  var noise: NoiseSource { part.noise }
  /// The scheduler of the first step, as a receipt records it.
  public let schedulerRecord: ReceiptScheduler
  /// alpha-bar of every training timestep, from 0 on: the curve that the points of ``schedule`` lie on.
  public var alphasCumprod: [Float] { scheduler.alphasCumprod }
  /// Whether every step is completed.
  public var isFinished: Bool { completedSteps >= schedule.count }

  /// Creates a run: draws the noise and chooses the timesteps.
  ///
  /// - Parameters:
  ///   - model: The model that predicts.
  ///   - scheduler: The scheduler that turns predictions into steps.
  ///   - sampleShape: `[channels, height, width]`.
  ///   - settings: The settings of the run.
  ///   - conditioning: What its prompts tell the model.
  ///   - noise: The source of the noise.
  ///   - start: What it starts from.
  ///   - format: What its samples are.
  ///   - exchangedScheduler: See ``exchangedScheduler``.
  ///   - inferenceSteps: The number of inference steps of the first stage; nil for that of the settings.
  ///   - clock: The clock that ``DenoisingStep/seconds`` are measured with.
  /// - Throws: ``DiffusionError`` (`usage`) for settings out of range, before anything is drawn.
  package init(
    model: any DenoisingModel, scheduler: any Scheduler, sampleShape: [Int], settings: RunSettings,
    conditioning: RunConditioning = RunConditioning(), noise: NoiseSource, start: RunStart = .noise,
    format: any SampleFormat = PixelFormat(), exchangedScheduler: String? = nil, steps inferenceSteps: Int? = nil,
    clock: any Clock<Duration> = ContinuousClock()
  ) throws {
    var scheduler = scheduler
    try scheduler.setTimesteps(inferenceSteps ?? settings.steps)
    let options = try settings.schedulerStepOptions(of: scheduler)
    try start.check(settings)
    let steps = try start.steps(of: scheduler, settings)
    scheduler.setBeginIndex(steps.lowerBound)
    schedule = try steps.map { try scheduler.terms(at: $0, options: options) }
    let shape = [settings.batchSize] + sampleShape,
      encoded = try start.source.map { try format.encode($0, shape: shape) }
    let draws = start.drawsNoise(of: scheduler), variation = draws ? settings.variation : nil
    let (source, drawn) = try settings.selection.draw(shape, from: noise, drawsNoise: draws) { try encoded?($0) }
    initialNoise = settings.selection.part(of: try variation?.applied(to: drawn, of: settings) ?? drawn)
    initialSample = try RunStart.sample(
      initialNoise, picture: source.map(settings.selection.part(of:)), at: steps.lowerBound, of: scheduler,
      scalesNoise: !conditioning.stepsFromModelInput)
    sample = initialSample
    (self.settings, schedulerRecord) = (settings, ReceiptScheduler(scheduler))
    // The scheduler's steps are counted from its first one, which a run from a picture does not take.
    part = RunPart(
      firstStep: -steps.lowerBound, settings: settings, model: model, conditioning: conditioning, noise: noise,
      options: options, scheduler: scheduler)
    (self.exchangedScheduler, picture) = (exchangedScheduler, start.picture?.record)
    (self.format, self.clock) = (format, clock)
    (tokenizedPrompts, imageClasses) = (conditioning.prompts, conditioning.classes)
  }

  /// Takes the next step. If `progress` throws, the run is left as it was before the step, generators included.
  ///
  /// - Parameter progress: Called before each block of the model.
  /// - Throws: What `progress` throws, and ``DiffusionError`` (`usage`) if the run is finished.
  public mutating func step(progress: ForwardProgressHandler? = nil) throws -> DenoisingStep {
    var runs = [self]
    let result = try Self.step(&runs, progress: progress)
    self = runs[0]
    return try result[0].get()
  }

  /// The images of a sample of this run, `[batch, height, width, channels]` in [0, 1] (`output_type="np"`).
  public func images(of sample: Tensor<Float>) throws -> Tensor<Float> { try images(of: sample, progress: nil) }

  /// The images of a sample of this run, as ``images(of:)``.
  ///
  /// - Parameters:
  ///   - sample: `[batch, channels, height, width]`.
  ///   - progress: Called before each block of a decoder; an error it throws stops the decoder there.
  /// - Throws: ``DiffusionError`` for a sample that does not fit; what `progress` throws.
  public func images(of sample: Tensor<Float>, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try format.images(of: sample, progress: progress)
  }

  /// Decodes a sample of this run again to find the first layer of the decoder whose output is not finite; nil if there
  /// is none, or no decoder.
  ///
  /// - Parameters: As of ``images(of:progress:)``.
  /// - Throws: As it.
  public func firstNonFiniteLayer(
    decoding sample: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    try format.firstNonFiniteLayer(decoding: sample, progress: progress)
  }

  /// The images after the steps completed so far.
  public func output() throws -> ImagePipelineOutput {
    ImagePipelineOutput(images: try images(of: sample), seed: settings.seeds.first ?? 0)
  }
}

/// The parts of a step, so that several runs can share the expensive one.
extension DenoisingRun {
  /// The error for a step of a finished run.
  var finishedError: DiffusionError {
    DiffusionError(.usage, "the run is finished: all of its \(schedule.count) steps are done")
  }

  /// Begins the next step. Some schedulers draw noise here.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the run is finished.
  func beginStep() throws -> any StepInProgress {
    guard !isFinished else { throw finishedError }
    return try part.seeded(noiseShape).begin(completedSteps - part.firstStep, from: sample, noise: stepNoise)
  }

  /// The first value that is not finite, on the way to a prediction; runs the model again only if the sample and the
  /// conditioning are finite and the prediction is not.
  ///
  /// - Throws: What `progress` throws; it is called with all blocks completed.
  func nonFiniteLayer(
    _ input: ModelInput, behind modelOutput: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    if let layer = NonFiniteLayer(.sample, in: sample) { return layer }
    guard let output = NonFiniteLayer(.layer("model output"), in: modelOutput) else { return nil }
    if let layer = NonFiniteLayer(in: input.conditioning) { return layer }
    let report = progress.map { progress in
      { (part: ForwardProgress) in
        try progress(ForwardProgress(block: part.block, completed: part.total, total: part.total))
      }
    }
    return try model.firstNonFiniteLayer(input, progress: report) ?? output
  }

  /// The fresh noise of a step. It is drawn for the whole batch, even if only one image runs.
  func stepNoise() throws -> Tensor<Float> {
    settings.selection.part(of: try noise.draw(noiseShape))
  }

  /// The shape of the noise that is drawn for the whole batch.
  var noiseShape: [Int] { [settings.batchSize] + sample.shape.dropFirst() }

  /// Applies the result of a step.
  ///
  /// - Throws: What the next stage throws where it begins.
  mutating func advance(_ step: CompletedStep, nonFinite: NonFiniteLayer?, seconds: Double) throws -> DenoisingStep {
    let output = step.output
    let found =
      nonFinite ?? step.guidance.flatMap { _ in NonFiniteLayer(.guidance, in: step.modelOutput) }
      ?? NonFiniteLayer(.scheduler, in: output.predOriginalSample)
      ?? NonFiniteLayer(.scheduler, in: output.prevSample)
    let start = try? part.start(sample, of: completedSteps - part.firstStep)
    let result = DenoisingStep(
      index: completedSteps, terms: schedule[completedSteps], sample: start ?? sample, modelOutput: step.modelOutput,
      output: output, guidance: step.guidance, nonFinite: found, seconds: seconds)
    part.scheduler = step.scheduler
    try arrive(at: output.prevSample)
    return result
  }
}
