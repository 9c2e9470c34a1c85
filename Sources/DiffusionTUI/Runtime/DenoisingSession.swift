import DiffusionCore

/// The run that is shown, away from the terminal's thread. Its methods block while the model computes; cancelling the
/// task that called stops them before the model's next block.
actor DenoisingSession {
  private var engine: any DenoisingEngine
  private var run: (any SteppableRun)?
  private var runNumber: Int?
  private var lastStep: DenoisingStep?
  /// Where it computes; tasks that call it are best run there too.
  nonisolated let executor = BlockingExecutor(label: "denoising")

  nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Makes a session without a run.
  init(makeEngine: @Sendable () -> any DenoisingEngine) {
    engine = makeEngine()
  }

  /// Replaces the run by a new one at its noise.
  ///
  /// - Throws: `CancellationError`, or what keeps the run from being made; the session then has no run.
  func start(run number: Int, _ settings: RunSettings) throws -> RunDescription {
    try Task.checkCancellation()
    run = nil
    lastStep = nil
    let made = try engine.makeRun(settings)
    run = made
    runNumber = number
    return RunDescription(settings: made.settings, schedule: made.schedule, initialNoise: made.initialNoise)
  }

  /// Takes a step of the run. A step that was done when its cancellation came is not computed again.
  ///
  /// - Parameters:
  ///   - number: The run's number; a step of another run is not taken.
  ///   - index: Which step, from 0: the one after those that were answered.
  ///   - progress: Told before each block of the model.
  /// - Throws: `CancellationError`, with the run as it was, or what the engine throws.
  func step(
    run number: Int, index: Int, progress: @escaping @Sendable (ForwardProgress) -> Void
  ) throws -> DenoisingStep {
    try Task.checkCancellation()
    guard number == runNumber, var current = run else { throw CancellationError() }
    if let lastStep, lastStep.index == index { return lastStep }
    // Held in one place, so that the run's storage is not copied to be changed.
    run = nil
    defer { run = current }
    let step = try current.step { report in
      try Task.checkCancellation()
      progress(report)
    }
    lastStep = step
    return step
  }
}
