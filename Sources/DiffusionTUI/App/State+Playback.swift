import DiffusionCore

extension State {
  /// The shortest time a picture of a replay stays: sixty a second is as fast as the screen is.
  static let replayInterval = Duration.milliseconds(17)

  mutating func togglePlay() -> [Effect] {
    if isPlaying || goal > position {
      isPlaying = false
      return stopComputing()
    }
    guard run != nil || pending != nil else { return [] }
    isPlaying = true
    guard pending == nil else { return [] }
    if position >= stepCount { position = 0 }
    goal = min(position + 1, stepCount)
    return advance()
  }

  mutating func stepForward() -> [Effect] {
    if pending != nil {
      pending?.goal += 1
      return []
    }
    guard run != nil else { return [] }
    isPlaying = false
    goal = min(max(goal, position) + 1, stepCount)
    return advance()
  }

  /// Drops the steps that are queued; goes one back where none are.
  mutating func stepBack() -> [Effect] {
    pending?.goal = 0
    let wasQueued = goal > position && !isPlaying
    isPlaying = false
    let effects = stopComputing()
    if !wasQueued { position = max(0, position - 1) }
    goal = position
    return effects
  }

  mutating func goToFirst() -> [Effect] {
    pending?.goal = 0
    isPlaying = false
    let effects = stopComputing()
    position = 0
    goal = 0
    return effects
  }

  mutating func goToLast() -> [Effect] {
    isPlaying = false
    if pending != nil {
      pending?.goal = numTrainTimesteps
      return []
    }
    guard run != nil else { return [] }
    goal = stepCount
    return advance()
  }

  /// The wait of playback is over.
  mutating func tick() -> [Effect] {
    guard isPlaying, pending == nil, run != nil, goal == position, position < stepCount else { return [] }
    goal = position + 1
    return advance()
  }

  /// Moves towards the goal: through history at once, beyond it by asking for a step.
  mutating func advance() -> [Effect] {
    guard let run, pending == nil else { return [] }
    position = min(goal, run.history.count)
    if goal > position {
      guard !isComputing else { return [] }
      isComputing = true
      progress = nil
      return [.denoise(run: run.number)]
    }
    return isPlaying ? continuePlaying() : []
  }

  private mutating func continuePlaying() -> [Effect] {
    guard position < stepCount else {
      isPlaying = false
      return []
    }
    if completedSteps > position { return [.tick(after: max(speed.interval, Self.replayInterval))] }
    guard speed.interval == .zero else { return [.tick(after: speed.interval)] }
    goal = position + 1
    return advance()
  }

  /// Stops the step that is being computed and drops the queue. What history has stays.
  mutating func stopComputing() -> [Effect] {
    goal = position
    progress = nil
    guard isComputing else { return [] }
    isComputing = false
    return [.cancel]
  }
}
