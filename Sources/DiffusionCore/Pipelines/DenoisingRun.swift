/// A run that is walked one step at a time.
///
/// It holds its generators, which are reference types: two copies of a run with eta > 0 would draw from the same ones.
/// Keep one.
public struct DenoisingRun: SteppableRun {
  /// What it runs with; `batchSize` is the number of images for which noise is drawn.
  public let settings: RunSettings
  /// Every step's place on the schedule, in order. Their number is the scheduler's own.
  public let schedule: [SchedulePoint]
  /// The noise it starts from, `[batch, channels, height, width]`, varied if the settings have a variation; of one
  /// image if they select one.
  public let initialNoise: Tensor<Float>
  /// How many steps are done.
  public private(set) var completedSteps = 0
  /// x_t: what the next step starts from, or the result after the last.
  public private(set) var sample: Tensor<Float>

  let model: any DenoisingModel
  let clock: any Clock<Duration>
  private let scheduler: DDIMScheduler
  private let noise: NoiseSource

  /// alpha-bar of every training timestep, from 0 on: the curve that ``schedule`` has its points on.
  public var alphasCumprod: [Float] { scheduler.alphasCumprod }
  /// Whether every step is done.
  public var isFinished: Bool { completedSteps >= schedule.count }

  /// Draws the noise and chooses the timesteps.
  ///
  /// - Parameters:
  ///   - model: What predicts.
  ///   - scheduler: What turns predictions into steps.
  ///   - imageShape: `[channels, height, width]`.
  ///   - settings: What to run with.
  ///   - noise: Who draws.
  ///   - clock: What measures ``DenoisingStep/seconds``.
  /// - Throws: ``DiffusionError`` (`usage`) for settings out of range, before anything is drawn.
  package init(
    model: any DenoisingModel, scheduler: DDIMScheduler, imageShape: [Int], settings: RunSettings, noise: NoiseSource,
    clock: any Clock<Duration> = ContinuousClock()
  ) throws {
    var scheduler = scheduler
    try scheduler.setTimesteps(settings.steps)
    schedule = try scheduler.schedulePoints(eta: settings.eta)
    let drawn = try settings.selection.draw([settings.batchSize] + imageShape, from: noise)
    initialNoise = settings.selection.part(of: try settings.variation?.applied(to: drawn, of: settings) ?? drawn)
    sample = initialNoise
    (self.settings, self.model, self.scheduler) = (settings, model, scheduler)
    (self.noise, self.clock) = (noise, clock)
  }

  /// Takes the next step. A throwing `progress` leaves the run as it was before the step, generator included.
  ///
  /// - Parameter progress: Told before each block of the model.
  /// - Throws: What `progress` throws, and ``DiffusionError`` (`usage`) if the run is finished.
  public mutating func step(progress: ForwardProgressHandler? = nil) throws -> DenoisingStep {
    let timestep = try nextTimestep()
    let (output, duration) = try Self.timed(by: clock) {
      let modelOutput = try model(modelInput, timestep: timestep, progress: progress)
      return try finishStep(modelOutput, nonFinite: nonFiniteLayer(behind: modelOutput, progress: progress))
    }
    return advance(output, seconds: duration / .seconds(1))
  }

  /// The images as they stand after the steps done so far.
  public func output() -> ImagePipelineOutput {
    ImagePipelineOutput(images: sample.imagesFromSamples(), seed: settings.seeds.first ?? 0)
  }

  static func timed<Result>(
    by clock: some Clock<Duration>, _ work: () throws -> Result
  ) rethrows -> (Result, Duration) {
    let start = clock.now
    let result = try work()
    return (result, start.duration(to: clock.now))
  }
}

/// A step in its parts, so that several runs can share the one that costs.
extension DenoisingRun {
  /// What a step has made before the run takes it over.
  struct StepOutput {
    let modelOutput: Tensor<Float>
    let scheduler: DDIMSchedulerOutput
    let nonFinite: NonFiniteLayer?
  }

  /// Why a run that is finished takes no step.
  var finishedError: DiffusionError {
    DiffusionError(.usage, "the run is finished: all of its \(schedule.count) steps are done")
  }

  /// Pixels of all its images together.
  var pixels: Int { (sample.shape.first ?? 0) * sample.shape.dropFirst(2).reduce(1, *) }

  /// What the model is to see in the next step.
  var modelInput: Tensor<Float> { scheduler.scaleModelInput(sample, timestep: schedule[completedSteps].timestep) }

  /// Where the next step is taken.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the run is finished.
  func nextTimestep() throws -> Int {
    guard !isFinished else { throw finishedError }
    return schedule[completedSteps].timestep
  }

  /// What first was not finite on the way to a prediction; asks the model once more only if the sample is finite and
  /// the prediction is not.
  ///
  /// - Throws: What `progress` throws, which is told of all blocks as done.
  func nonFiniteLayer(
    behind modelOutput: Tensor<Float>, progress: ForwardProgressHandler?
  ) throws -> NonFiniteLayer? {
    if let layer = NonFiniteLayer(.sample, in: sample) { return layer }
    guard let output = NonFiniteLayer(.layer("model output"), in: modelOutput) else { return nil }
    let report = progress.map { progress in
      { (part: ForwardProgress) in
        try progress(ForwardProgress(block: part.block, completed: part.total, total: part.total))
      }
    }
    return try model.firstNonFiniteLayer(sample: modelInput, timestep: nextTimestep(), progress: report) ?? output
  }

  /// Turns a prediction into the step's result. Noise is drawn here, once nothing can be cancelled any more, so that a
  /// step that throws has consumed none.
  func finishStep(_ modelOutput: Tensor<Float>, nonFinite: NonFiniteLayer?) throws -> StepOutput {
    let output = try scheduler.step(
      modelOutput, timestep: schedule[completedSteps].timestep, sample: sample, eta: settings.eta,
      useClippedModelOutput: settings.useClippedModelOutput, noise: { try stepNoise(like: modelOutput) })
    return StepOutput(
      modelOutput: modelOutput, scheduler: output,
      nonFinite: nonFinite ?? NonFiniteLayer(.scheduler, in: output.predOriginalSample)
        ?? NonFiniteLayer(.scheduler, in: output.prevSample))
  }

  /// The fresh noise of a step. It is drawn for the whole batch, whether all of it runs or one image.
  private func stepNoise(like modelOutput: Tensor<Float>) throws -> Tensor<Float> {
    settings.selection.part(of: try noise.draw([settings.batchSize] + modelOutput.shape.dropFirst()))
  }

  /// Takes a step's result over.
  mutating func advance(_ output: StepOutput, seconds: Double) -> DenoisingStep {
    let step = DenoisingStep(
      index: completedSteps, timestep: schedule[completedSteps].timestep, sample: sample,
      modelOutput: output.modelOutput, predOriginalSample: output.scheduler.predOriginalSample,
      prevSample: output.scheduler.prevSample, predEpsilon: output.scheduler.predEpsilon,
      varianceNoise: output.scheduler.varianceNoise, nonFinite: output.nonFinite, seconds: seconds)
    sample = output.scheduler.prevSample
    completedSteps += 1
    return step
  }
}
