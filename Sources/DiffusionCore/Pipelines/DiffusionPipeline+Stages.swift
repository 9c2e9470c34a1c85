extension DiffusionPipeline {
  /// What a run is taken with from its start or from a branch on.
  ///
  /// - Parameters:
  ///   - settings: Resolved settings.
  ///   - model: The model with their device, threads and weights.
  ///   - start: What the run starts from.
  /// - Throws: ``DiffusionError`` for settings that the model, its scheduler or a refiner cannot have.
  func continuation(
    of settings: RunSettings, on model: any PipelineModel, from start: RunStart
  ) throws -> RunContinuation {
    let first = try scheduler(for: settings)
    let conditioning =
      if model.showsPicture, let picture = start.picture {
        try model.conditioning(of: settings, showing: picture)
      } else {
        try model.conditioning(of: settings)
      }
    var stages = try zip(model.stages(of: settings, after: conditioning), schedulerSource.later).map {
      FollowingStage(
        stage: $0, scheduler: try $1.scheduler(settings.scheduler, options: settings.schedulerOptions))
    }
    if let refiner = try refiner(for: settings) {
      stages.append(try refiner.following(settings, shape: model.sampleShape(of: settings)))
    }
    return RunContinuation(
      settings, scheduler: first, model: model, conditioning: conditioning, steps: model.firstSteps(of: settings),
      stages: stages)
  }
}
