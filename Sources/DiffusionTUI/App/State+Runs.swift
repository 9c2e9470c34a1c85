import DiffusionCore

extension State {
  /// Asks for a run. The one on the screen stays until the new one answers.
  mutating func start(_ settings: RunSettings) -> [Effect] {
    lastRunNumber += 1
    pending = PendingRun(number: lastRunNumber, settings: settings)
    goal = position
    isComputing = false
    progress = nil
    return [.start(run: lastRunNumber, settings)]
  }

  mutating func runStarted(_ number: Int, _ description: RunDescription) -> [Effect] {
    guard let pending, pending.number == number else { return [] }
    run = ShownRun(number: number, description)
    self.pending = nil
    isComputing = false
    progress = nil
    position = 0
    goal = min(pending.goal, stepCount)
    return advance()
  }

  mutating func note(_ progress: ForwardProgress, of number: Int) {
    if run?.number == number, pending == nil, isComputing { self.progress = progress }
  }

  /// A step that had been cancelled may still arrive; it is as good as any, as long as it is the next one.
  mutating func stepCompleted(_ number: Int, _ step: DenoisingStep) -> [Effect] {
    guard run?.number == number, step.index < stepCount else { return [] }
    guard step.index <= completedSteps else {
      runFailed(number, "step \(completedSteps + 1) of the run was lost: press r to start it again")
      return []
    }
    guard step.index == completedSteps else { return [] }
    run?.append(step)
    isComputing = false
    progress = nil
    return advance()
  }

  /// A run that fails to start leaves the one before it, with its settings.
  mutating func runFailed(_ number: Int, _ message: String) {
    if pending?.number == number {
      pending = nil
    } else {
      guard run?.number == number, completedSteps < stepCount else { return }
    }
    isPlaying = false
    isComputing = false
    progress = nil
    goal = position
    notice = message
  }

  mutating func seedDrawn(_ seed: Seed) -> [Effect] {
    var settings = pending?.settings ?? settings
    settings.seeds = [seed]
    return start(settings)
  }
}
