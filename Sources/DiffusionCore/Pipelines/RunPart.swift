/// What consecutive steps of a run are taken with. A run has one part, and one more for each branch and each stage.
struct RunPart {
  /// The index in the run of its scheduler's first step, which a part may have left out.
  var firstStep = 0
  /// The index of its own first step in the run, where its scheduler begins later; nil for ``firstStep``.
  var entry: Int?
  /// The index of its own first step in the run.
  var begins: Int { entry ?? firstStep }
  /// Its settings.
  let settings: RunSettings
  let model: any DenoisingModel
  /// The stage that it belongs to; nil for the first one.
  var stage: RunStage?
  /// Whether that stage begins with it.
  var beginsStage = false
  /// Whether a branch begins with it.
  var isBranch = false
  /// What its prompts tell the model. A stage behind the first is told where it begins.
  var conditioning = RunConditioning()
  /// Draws the noise of its steps.
  let noise: NoiseSource
  let options: SchedulerOptions
  /// The noise level that the part before it leaves the sample at; nil where it takes the sample over as it is, or
  /// begins with noise.
  var start: NoiseLevel?
  /// The scheduler, whose first step is the part's.
  var scheduler: any Scheduler
}

extension RunPart {
  /// The model of a step.
  ///
  /// - Parameter step: Its index in the part.
  func model(of step: Int) -> any DenoisingModel {
    step == scheduler.timesteps.count - 1 ? stage?.lastModel ?? model : model
  }

  /// What a step starts from: the sample, scaled for the model where the pipeline steps from that.
  ///
  /// - Parameter step: Its index in the part.
  /// - Throws: What the scheduler throws.
  func start(_ sample: Tensor<Float>, of step: Int) throws -> Tensor<Float> {
    conditioning.stepsFromModelInput ? try scheduler.scaleModelInput(sample, at: step) : sample
  }

  /// The part with the seeds that its scheduler's noise wants before its first step.
  ///
  /// - Parameter shape: That of the noise of the whole batch.
  /// - Throws: What drawing them throws.
  func seeded(_ shape: [Int]) throws -> RunPart {
    var part = self
    let form = NoiseForm(shape: shape, image: settings.selection.image, device: noise.device)
    try part.scheduler.seedNoise(form, seeds: noise.seeds)
    return part
  }

  /// Begins a step.
  ///
  /// - Parameter step: Its index in the part.
  /// - Throws: What the scheduler throws.
  func begin(
    _ step: Int, from sample: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> any StepInProgress {
    let isScaled = conditioning.stepsFromModelInput, sample = try start(sample, of: step)
    guard let guidance = conditioning.guidance else {
      return try PlainStep(
        step, of: scheduler, from: sample, isScaled: isScaled, options: options, conditioning: conditioning.conditional,
        noise: noise)
    }
    return try GuidedStep(
      step, of: scheduler, from: sample, isScaled: isScaled, options: options, conditioning: conditioning.conditional,
      guidance: guidance, noise: noise)
  }
}
