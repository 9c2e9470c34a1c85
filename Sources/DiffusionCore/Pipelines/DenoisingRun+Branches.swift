/// The branches of a run.
extension DenoisingRun {
  /// The run before its first step, going on with other settings from a step on; <doc:Branches> has the details.
  ///
  /// In a run with stages, the one that the step belongs to goes on with them, or begins with them at its first step;
  /// those behind it have them too.
  ///
  /// - Parameters:
  ///   - step: The number of steps before the branch.
  ///   - next: What the steps behind it are taken with.
  /// - Throws: ``DiffusionError`` (`usage`) for a step that has none before or none behind it, and for settings out of
  ///   range.
  package func branched(at step: Int, _ next: RunContinuation) throws -> DenoisingRun {
    // Stages behind the last branch may be replaced; steps in front of it may not.
    let last = ([part] + laterParts).last { !$0.beginsStage || $0.isBranch } ?? part
    // A run that goes to the noise and back may branch where it turns.
    let turns = next.settings.invert && !laterParts.isEmpty && !last.isBranch
    let first = max(0, last.begins) + (turns ? 0 : 1), range = first..<max(first, schedule.count)
    guard range.contains(step) else {
      let steps = range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound) to \(range.upperBound - 1)"
      let expected = range.isEmpty ? "there is no step between" : "expected \(steps), with a step left behind it"
      throw DiffusionError(.usage, "branch at step \(step) of \(schedule.count): \(expected)")
    }
    do {
      return try joined(at: step, next)
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "branch at step \(step): \(error.message)")
    }
  }

  /// The run before its first step, going back from where its last step leads.
  ///
  /// - Parameter scheduler: The scheduler of the way back, before it has timesteps.
  /// - Throws: As ``branched(at:_:)``.
  func returning(_ scheduler: any Scheduler) throws -> DenoisingRun {
    let back = RunContinuation(
      part.settings, scheduler: scheduler, model: model, conditioning: part.conditioning)
    var run = self
    try run.goOn(at: schedule.count, back, after: part, noise: part.noise, isBranch: false)
    return run
  }

  /// The run with other parts from a step on, in place of those that begin there or behind it.
  private func joined(at step: Int, _ next: RunContinuation) throws -> DenoisingRun {
    var run = self
    let kept = Array(laterParts.prefix { $0.begins < step }), before = kept.last ?? part
    let begins = laterParts.contains { $0.begins == step && $0.beginsStage }
    let number = kept.count { $0.beginsStage } + (begins ? 1 : 0)
    (run.laterParts, run.schedule) = (kept, Array(schedule.prefix(step)))
    let noise = try noise(of: next.settings, after: before)
    let own = next.stages.indices.contains(number - 1) ? next.stages[number - 1] : nil
    if let own, begins, !own.stage.continuesSample {
      run = try run.followed(by: own, next.settings, noise: noise)
      run.laterParts[kept.count].isBranch = true
    } else {
      try run.goOn(at: step, next, in: own, begins: begins, after: before, noise: noise, isBranch: true)
    }
    return try next.stages.dropFirst(number).reduce(run) { try $0.followed(by: $1) }
  }

  /// Adds the part that goes on with the sample of the part before it.
  ///
  /// - Parameters:
  ///   - step: The number of steps before it.
  ///   - next: What it is taken with.
  ///   - own: The stage that it belongs to; nil for the first one.
  ///   - begins: Whether it is that stage's beginning.
  ///   - before: The part before it.
  ///   - noise: Draws the noise of its steps.
  ///   - isBranch: Whether it is a branch.
  private mutating func goOn(
    at step: Int, _ next: RunContinuation, in own: FollowingStage? = nil, begins: Bool = false,
    after before: RunPart, noise: NoiseSource, isBranch: Bool
  ) throws {
    var scheduler = own?.scheduler ?? next.scheduler
    try scheduler.setTimesteps(own?.stage.steps ?? next.steps)
    var level = try before.scheduler.noiseLevel(at: step - before.firstStep)
    if !type(of: before.scheduler).hasTrainingTimesteps {
      level = level.at(timestep: scheduler.trainingTimestep(ofSigma: level.sigma))
    }
    try scheduler.start(at: level)
    let options = try next.settings.schedulerStepOptions(of: scheduler)
    var steps = 0..<scheduler.timesteps.count
    // A base stops where its refiner takes over.
    if own == nil { steps = try next.settings.refinement.kept(steps, of: scheduler) }
    schedule += try steps.map { try scheduler.terms(at: $0, options: options) }
    laterParts.append(
      RunPart(
        firstStep: step, settings: next.settings, model: own?.stage.model ?? next.model, stage: own?.stage,
        beginsStage: begins, isBranch: isBranch, conditioning: next.conditioning, noise: noise, options: options,
        start: level, scheduler: scheduler))
  }

  /// Takes over the steps before a branch. Their noise is drawn again, so that the generators stand where they would.
  ///
  /// - Returns: Whether it did: a branch follows the last of them, so that no scheduler lacks its history.
  public mutating func skip(_ steps: [DenoisingStep]) -> Bool {
    guard completedSteps == 0, laterParts.contains(where: { $0.begins == steps.count }) else { return false }
    let state = laterParts.map(\.noise.state), own = noise.state
    var run = self
    do {
      for step in steps {
        run.part = try run.part.seeded(run.noiseShape)
        for _ in 0..<step.output.draws { _ = try run.stepNoise() }
        try run.arrive(at: step.prevSample)
      }
    } catch {
      noise.restore(own)
      for (part, state) in zip(laterParts, state) { part.noise.restore(state) }
      return false
    }
    self = run
    return true
  }

  /// The generators of a part: those of the part before it, wherever they stand, or new ones for another seed, device
  /// or call.
  private func noise(of settings: RunSettings, after last: RunPart) throws -> NoiseSource {
    if settings.drawsLike(last.settings) { return last.noise }
    let noise = NoiseSource(settings)
    for _ in 1..<max(1, settings.selection.call) { _ = try noise.draw(noiseShape) }
    return noise
  }
}
