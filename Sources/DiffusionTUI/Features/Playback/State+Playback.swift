import DiffusionCore

extension State {
  /// The minimum time that a picture of a replay is shown: the screen updates at most 60 times a second.
  static let replayInterval = Duration.milliseconds(17)

  mutating func togglePlay() -> [Effect] {
    forgetRestoredPositions()
    if playback.isPlaying || linkedPanes.contains(where: { panes[$0].isQueued }) {
      playback.isPlaying = false
      return stop(linkedPanes) + advance()
    }
    guard linkedPanes.contains(where: { panes[$0].run != nil || panes[$0].pending != nil }) else { return [] }
    playback.isPlaying = true
    retryFailed()
    guard !isStarting else { return [] }
    if nextTarget == nil {
      aim(at: .step(0))
      followGoals()
    }
    if let target = nextTarget { aim(at: target) }
    return advance()
  }

  mutating func stepForward() -> [Effect] {
    forgetRestoredPositions()
    playback.isPlaying = false
    retryFailed()
    guard let target = nextTarget else { return [] }
    aim(at: target)
    return advance()
  }

  /// Drops the queued steps, or moves one step back if none are queued.
  mutating func stepBack() -> [Effect] {
    forgetRestoredPositions()
    let wasQueued = !playback.isPlaying && linkedPanes.contains { panes[$0].isQueued }
    playback.isPlaying = false
    let effects = stop(linkedPanes)
    if !wasQueued { aim(at: previousTarget) }
    if !isComparing { panes[focus].pending?.goal = .step(0) }
    return effects + advance()
  }

  mutating func goToFirst() -> [Effect] {
    forgetRestoredPositions()
    playback.isPlaying = false
    let effects = halt(linkedPanes)
    for index in linkedPanes { panes[index].retry() }
    aim(at: .step(0))
    return effects + advance()
  }

  mutating func goToLast() -> [Effect] {
    forgetRestoredPositions()
    playback.isPlaying = false
    retryFailed()
    aim(at: .last)
    return advance()
  }

  /// Goes to a step of the focused run, as for a click on the timeline; linked panes move along.
  mutating func scrub(to count: Int) -> [Effect] {
    forgetRestoredPositions()
    playback.isPlaying = false
    retryFailed()
    let effects = halt(linkedPanes)
    aim(at: compare.link == .timestep && isComparing ? pane.target(after: count) : .step(count))
    return effects + advance()
  }

  /// Takes the next step of playback once its delay is over; a loop goes from the last step to the noise.
  mutating func tick() -> [Effect] {
    guard playback.isPlaying, !isStarting, !linkedPanes.contains(where: { panes[$0].isQueued }) else { return [] }
    guard let target = nextTarget ?? (isAtLoopEnd ? .step(0) : nil) else {
      // The loop was switched off while its end was shown.
      playback.isPlaying = false
      return []
    }
    aim(at: target)
    return advance()
  }

  /// Whether playback has come to the end of a loop, from which it goes back to the noise.
  var isAtLoopEnd: Bool {
    playback.isPlaying && playback.isLooping && nextTarget == nil
      && linkedPanes.contains { panes[$0].failure == nil && panes[$0].position > 0 }
  }

  mutating func toggleLoop() {
    playback.isLooping.toggle()
    news = playback.isLooping ? "playback starts again at the end" : "playback stops at the end"
  }

  /// Moves every pane towards its goal: through history at once, beyond it by requesting a step for all panes that need
  /// one. While a run starts or steps are being computed, nothing more is requested, so that the next steps form one
  /// batch.
  mutating func advance() -> [Effect] {
    followGoals()
    guard !isStarting else { return [] }
    let queued = panes.indices.filter { panes[$0].isQueued }
    guard !queued.isEmpty else { return playback.isPlaying ? continuePlaying() : [] }
    guard !isComputing else { return [] }
    for index in queued {
      panes[index].isComputing = true
      panes[index].progress = nil
    }
    return [.denoise(runs: queued.compactMap { panes[$0].run?.number })]
  }

  private mutating func continuePlaying() -> [Effect] {
    guard let target = nextTarget else {
      if isAtLoopEnd { return [.tick(after: max(playback.speed.interval, Self.replayInterval))] }
      playback.isPlaying = false
      return []
    }
    let isKnown = linkedPanes.allSatisfy { index in
      guard panes[index].failure == nil, let run = panes[index].run else { return true }
      return target.position(on: run.description.schedule) <= run.history.count
    }
    if isKnown { return [.tick(after: max(playback.speed.interval, Self.replayInterval))] }
    guard playback.speed.interval == .zero else { return [.tick(after: playback.speed.interval)] }
    aim(at: target)
    return advance()
  }

  /// Cancels the steps being computed and drops the queues of some panes. Steps of other panes are requested again by
  /// ``advance()``. The history is kept.
  mutating func halt(_ indices: [Int]) -> [Effect] {
    let isCancelled = indices.contains { panes[$0].isComputing }
    for index in indices { panes[index].dropQueue() }
    if isCancelled {
      for index in panes.indices { panes[index].stopWaiting() }
    }
    return isCancelled ? [.cancel] : []
  }

  /// Stops panes and realigns the linked ones.
  mutating func stop(_ indices: [Int]) -> [Effect] {
    let moving = indices.filter { panes[$0].isQueued }, wasMoving = !moving.isEmpty
    for index in moving { panes[index].restoredPosition = nil }
    let effects = halt(indices)
    if wasMoving { align() }
    return effects
  }

  private mutating func followGoals() {
    for index in panes.indices { panes[index].followHistory() }
  }

  /// From here on the linked runs are where the user moves them.
  mutating func forgetRestoredPositions() {
    for index in linkedPanes { panes[index].restoredPosition = nil }
  }

  /// Allows panes whose step failed to try again.
  private mutating func retryFailed() {
    for index in linkedPanes { panes[index].retry() }
  }
}
