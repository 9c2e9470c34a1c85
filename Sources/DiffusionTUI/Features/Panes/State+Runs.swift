import DiffusionCore

extension State {
  /// Requests a run in a pane. The one on the screen stays until the new one starts. Steps being computed are
  /// cancelled, and requested again once it has started.
  mutating func start(_ request: RunRequest, in index: Int, goal target: CursorTarget) -> [Effect] {
    lastRunNumber += 1
    promptHistory.note(request.settings.prompts)
    let former = panes[index].pending.map { [Effect.discard(runs: [$0.number])] } ?? []
    panes[index].ask(for: lastRunNumber, request, goal: target)
    for index in panes.indices { panes[index].stopWaiting() }
    return former + [.start(run: lastRunNumber, request)]
  }

  /// Restarts the focused pane's run; beside others it advances to their position.
  mutating func restart(_ request: RunRequest) -> [Effect] {
    start(request, in: focus, goal: placeOfOthers(than: focus))
  }

  /// Restarts the focused pane's run after an edit of a setting. Where that changes no bit of the result, as a device
  /// does not, the run is computed again to the step where it is: also one whose device failed there.
  mutating func restart(_ edited: RunRequest, after setting: Setting) -> [Effect] {
    guard setting.decidesResult else { return recompute(edited, in: focus) }
    var request = edited
    request.seekInstalledCard(insteadOf: pane.latestRequest)
    return restart(request)
  }

  /// Starts a run that gives what a pane shows, and takes it to where that is.
  mutating func recompute(_ request: RunRequest, in index: Int) -> [Effect] {
    let pane = panes[index], place = pane.latestPosition
    let effects = start(request, in: index, goal: pane.pending?.goal ?? .step(place))
    // A failure on the way there does not lose the place.
    panes[index].restoredPosition = pane.pending == nil ? place : pane.restoredPosition
    return effects
  }

  mutating func runStarted(_ number: Int, _ description: RunDescription) -> [Effect] {
    guard let index = panes.firstIndex(where: { $0.pending?.number == number }), let pending = panes[index].pending
    else { return [] }
    let former = panes[index].run.map { [Effect.discard(runs: [$0.number])] } ?? []
    note(description.model)
    panes[index].begin(ShownRun(number: number, description), goal: pending.goal)
    if let card = description.settings.installedCard, card != pending.request.settings.installedCard {
      news = "the noise is that of \(description.settings.cardText)"
    }
    notice = notice ?? description.warnings.first ?? description.idleSettings.first
    if notice == nil, let truncation = description.truncation {
      notice = "\(truncation): \(pressing(.inspect(.nextPage))) for its tokens"
    }
    if let own = description.exchangedScheduler, notice == nil {
      notice = "runs with \(description.scheduler.name); the model's own scheduler is \(own): type :scheduler \(own)"
    }
    return former + advance()
  }

  mutating func note(_ progress: OpeningProgress, of number: Int) {
    for index in panes.indices where panes[index].pending?.number == number { panes[index].pending?.opening = progress }
    showDownload(progress, of: number)
  }

  /// What is done to open a model for a run that starts; nil if none is being opened, or the panel of its download
  /// shows it.
  package var opening: String? {
    guard download == nil else { return nil }
    return ([focus] + panes.indices).lazy.compactMap { panes[$0].pending }.first { $0.opening != nil }.flatMap { run in
      run.opening.map { "opening \(run.request.model.shortName): \($0.text)" }
    }
  }

  /// What the focused pane waits for while it has no run to show.
  package var absence: String {
    guard let pending else { return "no run yet" }
    return pending.opening == nil ? "starting the run" : "opening the model"
  }

  mutating func note(_ progress: ForwardProgress, of numbers: [Int]) {
    for index in panes.indices {
      guard panes[index].isComputing else { continue }
      let isMeant = panes[index].run.map { numbers.contains($0.number) } ?? false
      panes[index].progress = isMeant ? progress : nil
    }
  }

  /// Handles a completed step. A step that was cancelled may still arrive; it is used if it is the next one.
  mutating func stepCompleted(_ number: Int, _ shown: ShownStep) -> [Effect] {
    guard let index = panes.firstIndex(where: { $0.run?.number == number }) else { return [] }
    let pane = panes[index], step = shown.step
    guard step.index < pane.stepCount else { return [] }
    guard step.index <= pane.completedSteps else {
      return runFailed(
        number, "step \(pane.completedSteps + 1) of the run was lost: \(pressing(.run(.restart))) to start it again")
    }
    guard step.index == pane.completedSteps else { return [] }
    panes[index].run?.append(shown)
    panes[index].stopWaiting()
    heedAlarm(of: index, step)
    return advance()
  }

  /// Handles a failed run. Only that run stops; the others continue.
  mutating func runFailed(_ number: Int, _ message: String) -> [Effect] {
    if let index = panes.firstIndex(where: { $0.pending?.number == number }) {
      panes[index].fail(message, starting: true)
      playback.isPlaying = false
      return tell(message, of: index)
    }
    guard let index = panes.firstIndex(where: { $0.run?.number == number }),
      panes[index].completedSteps < panes[index].stepCount
    else { return [] }
    panes[index].fail(message, starting: false)
    return tell(message, of: index)
  }

  private mutating func tell(_ message: String, of index: Int) -> [Effect] {
    notice = isComparing ? "run \(index + 1): \(message)" : message
    return advance()
  }

  mutating func seedDrawn(_ seed: Seed) -> [Effect] {
    isDrawingSeed = false
    var request = pane.latestRequest
    request.settings.seeds = [seed]
    return restart(request)
  }
}
