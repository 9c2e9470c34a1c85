/// A stage of a run behind its first: networks and a scheduler of its own, and a sample of its own that begins with
/// noise. What the stage before ended with only tells its network what to make.
///
/// The steps of all stages are one timeline (``DenoisingRun/schedule``): each stage is a part of the run, as the steps
/// behind a branch are.
package struct RunStage: Sendable {
  /// Its name on screens: `decoder`.
  package var name: String
  /// The number of its inference steps.
  package var steps: Int
  /// The network that predicts.
  package var model: any DenoisingModel
  /// The network of its last step; nil for the same.
  package var lastModel: (any DenoisingModel)?
  /// The shape of the samples of one image, `[channels, height, width]`.
  package var sampleShape: [Int]
  /// Whether it goes on with the sample that the stage before ended with, and not with noise of its own.
  package var continuesSample = false
  /// What the network is told, from the sample that the stage before ended with.
  package var conditioning: @Sendable (Tensor<Float>) throws -> RunConditioning

  /// Creates a stage.
  package init(
    _ name: String, steps: Int, model: any DenoisingModel, lastModel: (any DenoisingModel)? = nil,
    sampleShape: [Int], conditioning: @escaping @Sendable (Tensor<Float>) throws -> RunConditioning
  ) {
    (self.name, self.steps, self.model, self.lastModel) = (name, steps, model, lastModel)
    (self.sampleShape, self.conditioning) = (sampleShape, conditioning)
  }
}

/// A stage with its scheduler, which has no timesteps yet.
package struct FollowingStage: Sendable {
  let stage: RunStage
  let scheduler: any Scheduler
  /// Tells the first of the scheduler's steps that it takes; nil for all of them.
  var first: (@Sendable (any Scheduler) throws -> Int)?
}

/// What a run is taken with from its start or from a branch on: the rest of a stage, and the stages behind it.
package struct RunContinuation: Sendable {
  let settings: RunSettings
  /// The scheduler of the first stage, before it has timesteps.
  let scheduler: any Scheduler
  /// The model of the first stage.
  let model: any DenoisingModel
  /// What the first stage is told.
  let conditioning: RunConditioning
  /// The number of inference steps of the first stage.
  let steps: Int
  /// The stages behind the first.
  let stages: [FollowingStage]

  /// Creates a continuation.
  ///
  /// - Parameter steps: The number of inference steps of the first stage; nil for that of the settings.
  package init(
    _ settings: RunSettings, scheduler: any Scheduler, model: any DenoisingModel,
    conditioning: RunConditioning = RunConditioning(), steps: Int? = nil, stages: [FollowingStage] = []
  ) {
    (self.settings, self.scheduler, self.model) = (settings, scheduler, model)
    (self.conditioning, self.steps, self.stages) = (conditioning, steps ?? settings.steps, stages)
  }
}
