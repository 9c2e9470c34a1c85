/// The stages of a run.
extension DenoisingRun {
  /// The stages in their order; empty for a run of one stage.
  public var stages: [StageSteps] {
    let parts = formerParts + [part] + laterParts, later = parts.filter(\.beginsStage)
    guard let first = firstStage, !later.isEmpty else { return [] }
    let starts = [0] + later.map(\.begins) + [schedule.count]
    let shapes = [Array(initialNoise.shape.dropFirst())] + later.map { $0.stage?.sampleShape ?? [] }
    return zip([first] + later.map { $0.stage?.name ?? "" }, [parts[0]] + later).enumerated().map { index, stage in
      StageSteps(
        name: stage.0, steps: starts[index]..<starts[index + 1], sampleShape: shapes[index],
        alphasCumprod: stage.1.scheduler.alphasCumprod)
    }
  }

  /// The run before its first step, with another stage behind its last one.
  ///
  /// - Parameters:
  ///   - next: The stage and its scheduler.
  ///   - settings: Its settings; nil for those of the part before it.
  ///   - noise: Draws its noise; nil for the generators of the part before it.
  /// - Throws: ``DiffusionError`` (`usage`) for settings out of range.
  func followed(
    by next: FollowingStage, _ settings: RunSettings? = nil, noise: NoiseSource? = nil
  ) throws -> DenoisingRun {
    var scheduler = next.scheduler
    var run = self
    let stage = next.stage, last = laterParts.last ?? part
    let settings = settings ?? last.settings
    do {
      try scheduler.setTimesteps(stage.steps)
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "\(stage.name): \(error.message)")
    }
    let options = try settings.schedulerStepOptions(of: scheduler)
    let first = try next.first?(scheduler) ?? 0
    if first > 0 { scheduler.setBeginIndex(first) }
    let terms = try scheduler.timesteps.indices[first...].map {
      try scheduler.terms(at: $0, options: options)
    }
    run.schedule = schedule + terms
    run.laterParts.append(
      RunPart(
        firstStep: schedule.count - first, entry: schedule.count, settings: settings,
        model: stage.model, stage: stage, beginsStage: true,
        noise: noise ?? last.noise, options: options, scheduler: scheduler))
    return run
  }

  /// Passes on to the next step, and to the next part where it begins.
  mutating func arrive(at prevSample: Tensor<Float>) throws {
    sample = prevSample
    completedSteps += 1
    guard var next = laterParts.first, next.begins == completedSteps else { return }
    if next.beginsStage { stageInput = prevSample }
    if let stage = next.stage { next.conditioning = try stage.conditioning(stageInput ?? prevSample) }
    if let stage = next.stage, next.beginsStage, !stage.continuesSample {
      sample = try noise(of: stage, next)
    } else if let start = next.start {
      sample = start.rescaled(sample, to: next.scheduler.scale)
    }
    formerParts.append(part)
    laterParts.removeFirst()
    part = next
  }

  /// The noise that a stage begins with, drawn for the whole batch even if only one image runs.
  ///
  /// - Returns: The first sample of the stage.
  /// - Throws: What drawing it throws.
  private func noise(of stage: RunStage, _ next: RunPart) throws -> Tensor<Float> {
    let drawn = try next.noise.draw([settings.batchSize] + stage.sampleShape)
    let noise = settings.selection.part(of: drawn), sigma = next.scheduler.initNoiseSigma
    return sigma == 1 ? noise : noise.map { $0 * sigma }
  }
}
