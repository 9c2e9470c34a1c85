/// The stages of a run.
extension DenoisingRun {
  /// The stages in their order; empty for a run of one stage.
  public var stages: [StageSteps] {
    let all = formerParts + [part] + laterParts
    guard let first = firstStage, all.contains(where: { $0.stage != nil }) else { return [] }
    let starts =
      [(first, 0, Array(initialNoise.shape.dropFirst()))]
      + all.compactMap { part in part.stage.map { ($0.name, part.begins, $0.sampleShape) } }
    return starts.enumerated().map { index, start in
      StageSteps(
        name: start.0, steps: start.1..<(index + 1 < starts.count ? starts[index + 1].1 : schedule.count),
        sampleShape: start.2)
    }
  }

  /// The run before its first step, with another stage behind its last one.
  ///
  /// - Parameters:
  ///   - stage: The stage.
  ///   - scheduler: Its scheduler, before it has timesteps.
  ///   - first: Tells the first step that it takes; nil for all of them.
  /// - Throws: ``DiffusionError`` (`usage`) for settings out of range.
  func followed(
    by stage: RunStage, scheduler: any Scheduler, from first: ((any Scheduler) throws -> Int)? = nil
  ) throws -> DenoisingRun {
    var scheduler = scheduler
    var run = self
    let settings = part.settings
    do {
      try scheduler.setTimesteps(stage.steps)
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "\(stage.name): \(error.message)")
    }
    let options = try settings.schedulerStepOptions(of: scheduler)
    let first = try first?(scheduler) ?? 0
    if first > 0 { scheduler.setBeginIndex(first) }
    let terms = try scheduler.timesteps.indices[first...].map {
      try scheduler.terms(at: $0, options: options)
    }
    run.schedule = schedule + terms
    run.laterParts.append(
      RunPart(
        firstStep: schedule.count - first, entry: schedule.count, settings: settings,
        model: stage.model, stage: stage,
        noise: part.noise, options: options, scheduler: scheduler))
    return run
  }

  /// Passes on to the next step, and to the next part where it begins.
  mutating func arrive(at prevSample: Tensor<Float>) throws {
    sample = prevSample
    completedSteps += 1
    guard var next = laterParts.first, next.begins == completedSteps else { return }
    sample = try next.stage.map { try enter($0, &next) } ?? next.start.rescaled(sample, to: next.scheduler.scale)
    formerParts.append(part)
    laterParts.removeFirst()
    part = next
  }

  /// Begins a stage from the sample that the one before ended with: its network is told what to make, then its noise is
  /// drawn, for the whole batch even if only one image runs.
  ///
  /// - Returns: The first sample of the stage.
  /// - Throws: What its networks and its noise throw.
  private func enter(_ stage: RunStage, _ next: inout RunPart) throws -> Tensor<Float> {
    next.conditioning = try stage.conditioning(sample)
    if stage.continuesSample { return sample }
    let drawn = try next.noise.draw([settings.batchSize] + stage.sampleShape)
    let noise = settings.selection.part(of: drawn), sigma = next.scheduler.initNoiseSigma
    return sigma == 1 ? noise : noise.map { $0 * sigma }
  }
}
