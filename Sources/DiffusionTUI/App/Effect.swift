import DiffusionCore

/// What the reducer asks of the world. The runtime carries it out and answers with an ``Action``.
public enum Effect: Sendable, Equatable {
  /// Cancel what runs, then start a run from its noise. Answers `runStarted` or `runFailed`, with its number.
  case start(run: Int, RunSettings)
  /// Take the next step of the run. Answers `progress` before each block, then `stepCompleted` or `runFailed`.
  case denoise(run: Int)
  /// Stop the step that is being computed, leaving the run before it. Answers nothing.
  case cancel
  /// Draw a seed from the system. Answers `seedDrawn`.
  case drawSeed
  /// Answer `tick` after a while; a new one replaces the one that waits.
  case tick(after: Duration)
  /// Ask the terminal for the mouse, or give it back.
  case captureMouse(Bool)
  /// Put a text on the clipboard.
  case copy(String)
  /// Stop the process as Ctrl-Z does.
  case suspend
  /// End.
  case quit
}
