import DiffusionCore

extension Pane {
  /// Asks for a run. The one on the screen stays until the new one answers.
  mutating func ask(for number: Int, _ request: RunRequest, goal target: CursorTarget) {
    pending = PendingRun(number: number, request: request, goal: target)
    if run == nil { failure = nil }
    dropQueue()
  }

  /// Shows the run that was asked for, at its noise.
  mutating func begin(_ run: ShownRun, goal target: CursorTarget) {
    self.run = run
    pending = nil
    failure = nil
    stopWaiting()
    position = 0
    goal = target.position(on: run.description.schedule)
  }

  /// Lets a step be tried again that failed. A run that could not be started stays failed until it is asked for again.
  mutating func retry() {
    if run != nil { failure = nil }
  }

  /// Takes note that a run failed: one that starts leaves the one before it, with its model and settings, and where there is
  /// none its failure.
  mutating func fail(_ message: String, starting: Bool) {
    if starting, run == nil { missedPosition = latestPosition }
    if starting { pending = nil }
    if !starting || run == nil { failure = message }
    stopWaiting()
    dropQueue()
  }
}
