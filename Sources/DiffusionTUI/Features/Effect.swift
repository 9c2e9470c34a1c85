import DiffusionCore

/// What the reducer asks of the world. The runtime carries it out and answers with an ``Action``.
public enum Effect: Sendable, Equatable {
  /// Cancel the steps that are being computed, then start a run from its noise. Answers `runStarted` or `runFailed`,
  /// with its number. Several runs may be started one after the other.
  case start(run: Int, RunRequest)
  /// Take the next step of each of these runs, together where they can be. Answers `progress` before each block, then
  /// for each run `stepCompleted` or `runFailed`.
  case denoise(runs: [Int])
  /// Stop the steps that are being computed, leaving the runs before them. Answers nothing.
  case cancel
  /// Forget runs, started or not; nothing is asked of them any more.
  case discard(runs: [Int])
  /// Draw a seed from the system. Answers `seedDrawn`.
  case drawSeed
  /// Compute the images of a gallery, or stop.
  case gallery(GalleryEffect)
  /// Draw the noise that settings give; a later one replaces it. Answers `noisePreviewed`, or nothing where it cannot
  /// be drawn.
  case previewNoise(RunRequest)
  /// Answer `tick` after a while; a new one replaces the one that waits.
  case tick(after: Duration)
  /// Ask the terminal for the mouse, or give it back.
  case captureMouse(Bool)
  /// Write a file. Answers `exportEnded` with its number.
  case export(number: Int, ExplorerExport)
  /// Stop the file of that number, which is being written. Answers nothing.
  case cancelExport(number: Int)
  /// Spell out the command line of a run and put it on the clipboard. Answers `commandLine`.
  case copyCommandLine(RunRequest)
  /// Stop the process as Ctrl-Z does.
  case suspend
  /// End.
  case quit
}
