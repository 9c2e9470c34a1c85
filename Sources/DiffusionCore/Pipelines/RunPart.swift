/// What consecutive steps of a run are taken with. A run has one part, and one more for each branch.
struct RunPart {
  /// The index of its first step in the run.
  var firstStep = 0
  /// Its settings.
  let settings: RunSettings
  let model: any DenoisingModel
  /// What its prompts tell the model.
  var conditioning = RunConditioning()
  /// Draws the noise of its steps.
  let noise: NoiseSource
  let options: SchedulerOptions
  /// The noise level that the part before it leaves the sample at.
  var start = NoiseLevel(timestep: 0, alphaCumprod: 1)
  /// The scheduler, whose first step is the part's.
  var scheduler: any Scheduler
}
