import DiffusionCore

/// A side effect that the reducer requests. The runtime carries it out and answers with an ``Action``.
public enum Effect: Sendable, Equatable {
  /// Cancel the steps that are being computed, then start a run from its noise. Answers `runStarted` or `runFailed`,
  /// with the run's number. Several runs may be started one after the other.
  case start(run: Int, RunRequest)
  /// Compute the next step of each of these runs, in one batch where possible. Answers `progress` before each block,
  /// then `stepCompleted` or `runFailed` for each run.
  case denoise(runs: [Int])
  /// Cancel the steps that are being computed; their runs stay at the step before. Answers nothing.
  case cancel
  /// Discard runs, started or not. They are not used again.
  case discard(runs: [Int])
  /// Decode the latents of a step of a run; a later request replaces an earlier one. Answers `decoded` or
  /// `decodingFailed`.
  case decode(DecodeRequest)
  /// Stop decoding. Answers nothing.
  case cancelDecoding
  /// Compute the attention of a step of a run to the tokens of its prompt; a later request replaces an earlier one.
  /// Answers `attended` or `attentionFailed`.
  case attend(AttentionRequest)
  /// Stop computing attention. Answers nothing.
  case cancelAttention
  /// Ask the drivers for the devices of the machine. Answers `devicesListed`.
  case listDevices
  /// Draw a seed from the system. Answers `seedDrawn`.
  case drawSeed
  /// Compute the images of a gallery, or stop.
  case gallery(GalleryEffect)
  /// Watch the folder of a sweep, or stop.
  case sweep(SweepEffect)
  /// Draw the noise for some settings; a later request replaces an earlier one. Answers `noisePreviewed`, or nothing if
  /// the noise cannot be drawn.
  case previewNoise(RunRequest)
  /// Answer `tick` after a delay; a new tick replaces a pending one.
  case tick(after: Duration)
  /// Capture the mouse, or release it.
  case captureMouse(Bool)
  /// Write a file. Answers `exportEnded` with its number.
  case export(number: Int, ExplorerExport)
  /// Compute a run to its end, then write a file about it: for an image of the gallery, whose steps are not kept.
  /// Answers `exportEnded` with its number.
  case exportRun(number: Int, RunRequest, ExplorerExport.Target)
  /// Stop writing the file with that number. Answers nothing.
  case cancelExport(number: Int)
  /// Build the command line of a run and copy it to the clipboard. Answers `commandLine`.
  case copyCommandLine(RunRequest)
  /// Draw the whole screen again.
  case redraw
  /// Suspend the process, as Ctrl-Z does.
  case suspend
  /// Quit.
  case quit
}
