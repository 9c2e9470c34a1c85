import DiffusionCore

/// The run that is shown, away from the terminal's thread. Its methods block while the model computes; cancelling the
/// task that called stops them before the model's next block.
package actor DenoisingSession {
  /// A run, its number, and the last step that it took.
  private struct NumberedRun {
    let number: Int
    var run: any SteppableRun
    var lastStep: DenoisingStep?
  }

  private var engine: any DenoisingEngine
  /// The run that steps are taken of.
  private var current: NumberedRun?
  /// The run made last. It becomes the current one with its first step: until then nobody may have heard of it, because
  /// what answered was cancelled, and the one before is still the one that is shown.
  private var latest: NumberedRun?
  /// Where it computes; tasks that call it are best run there too.
  nonisolated let executor = BlockingExecutor(label: "denoising")

  nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Makes a session without a run.
  package init(makeEngine: @Sendable () -> any DenoisingEngine) {
    engine = makeEngine()
  }

  /// Makes a run at its noise. The one before stays until the new one takes a step.
  ///
  /// - Throws: `CancellationError`, or what keeps the run from being made.
  package func start(run number: Int, _ settings: RunSettings) throws -> RunDescription {
    try Task.checkCancellation()
    let made = try engine.makeRun(settings)
    latest = NumberedRun(number: number, run: made)
    return RunDescription(settings: made.settings, schedule: made.schedule, initialNoise: made.initialNoise)
  }

  /// Takes a step of a run. A step that was done when its cancellation came is not computed again.
  ///
  /// - Parameters:
  ///   - number: The run's number: the one made last, or the one that the step before was of.
  ///   - index: Which step, from 0: the one after those that were answered.
  ///   - progress: Told before each block of the model.
  /// - Throws: `CancellationError`, with the run as it was, or what the engine throws.
  package func step(
    run number: Int, index: Int, progress: @escaping @Sendable (ForwardProgress) -> Void
  ) throws -> DenoisingStep {
    try Task.checkCancellation()
    if let latest, latest.number == number {
      current = latest
      self.latest = nil
    }
    guard var stepped = current, stepped.number == number else {
      throw DiffusionError(.usage, "the engine has no run \(number) any more: press r to start it again")
    }
    if let lastStep = stepped.lastStep, lastStep.index == index { return lastStep }
    // Held in one place, so that the run's storage is not copied to be changed.
    current = nil
    defer { current = stepped }
    let step = try stepped.run.step { report in
      try Task.checkCancellation()
      progress(report)
    }
    stepped.lastStep = step
    return step
  }
}
