import DiffusionCore

/// A run that was asked for and has not answered yet. The run before it stays on the screen until it does.
public struct PendingRun: Sendable, Equatable {
  /// Its number.
  package let number: Int
  /// What it will run with.
  package let request: RunRequest
  /// Where to go as soon as it has started: keys pressed meanwhile are not lost.
  package var goal = CursorTarget.step(0)
}
