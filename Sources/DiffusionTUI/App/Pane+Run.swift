import DiffusionCore

extension Pane {
  /// Asks for a run. The one on the screen stays until the new one answers.
  mutating func ask(for number: Int, _ settings: RunSettings, goal target: CursorTarget) {
    pending = PendingRun(number: number, settings: settings, goal: target)
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

  /// Takes note that a run failed: one that starts leaves the one before it, with its settings.
  mutating func fail(_ message: String, starting: Bool) {
    if starting { pending = nil } else { failure = message }
    stopWaiting()
    dropQueue()
  }
}
