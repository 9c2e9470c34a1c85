import DiffusionCore

/// The runs that are shown, off the terminal's thread. Its methods block while the model computes; cancelling the
/// calling task stops them before the model's next block.
package actor DenoisingSession {
  private var table: RunTable
  /// The executor that it computes on; tasks that call it should run there too.
  nonisolated let executor = BlockingExecutor(label: "denoising")

  nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Creates a session without runs.
  package init(makeEngine: @Sendable () -> any DenoisingEngine) {
    table = RunTable(engine: makeEngine())
  }

  /// Creates a run before its first step, and measures its noise.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - request: Its model and settings.
  ///   - progress: Called before each tensor of a model that has to be opened.
  /// - Throws: `CancellationError`, or the error that keeps the run from being created.
  package func start(
    run number: Int, _ request: RunRequest, progress: @escaping @Sendable (OpeningProgress) -> Void = { _ in }
  ) throws -> RunDescription {
    try Task.checkCancellation()
    return try table.start(number, request) { report in
      try Task.checkCancellation()
      progress(report)
    }
  }

  /// Describes a run before its first step, without keeping it.
  ///
  /// - Throws: `CancellationError`, or the error that keeps the run from being created.
  package func describe(_ request: RunRequest) throws -> RunDescription {
    try Task.checkCancellation()
    return try table.describe(request)
  }

  /// Takes the next step of a gallery's entries, and makes images of those that are finished.
  ///
  /// - Parameters:
  ///   - request: The entries; those that were stopped earlier continue from where they were.
  ///   - now: The clock that measures the time of a block of the model.
  /// - Throws: `CancellationError`; the steps taken so far are kept.
  package func develop(_ request: GalleryRequest, now: @escaping @Sendable () -> Duration) throws -> GalleryAdvance {
    try Task.checkCancellation()
    var last: Duration?
    var longest = Duration.zero
    var advance = try table.develop(request, check: Task.checkCancellation) { _ in
      try Task.checkCancellation()
      let time = now()
      if let last { longest = max(longest, time - last) }
      last = time
    }
    advance.longestBlock = longest
    return advance
  }

  /// Takes and measures all steps of a run, without keeping it.
  ///
  /// - Throws: `CancellationError`, or the error that stops the run.
  package func record(_ request: RunRequest) throws -> RecordedRun {
    try Task.checkCancellation()
    return try table.record(request, check: Task.checkCancellation)
  }

  /// Decodes latents of a run; cancelling the calling task stops the decoder before its next block.
  ///
  /// - Throws: `CancellationError`, or the error that keeps them from being decoded.
  package func decode(_ request: DecodeRequest) throws -> DecodedImage {
    try table.decode(request, check: Task.checkCancellation)
  }

  /// Computes the attention of a step; cancelling the calling task stops it before the model's next block.
  ///
  /// - Throws: `CancellationError`, or the error that keeps it from being computed.
  package func attend(_ request: AttentionRequest) throws -> TokenMaps {
    try table.attend(request, check: Task.checkCancellation)
  }

  /// Discards runs, whether they were created or not.
  package func discard(runs numbers: [Int]) {
    table.discard(numbers)
  }

  /// Takes and measures a step of each of some runs. A step that was finished when it was cancelled is not computed
  /// again.
  ///
  /// - Parameters:
  ///   - steps: The runs' numbers, and the index of each step from 0: the one after the last that was answered.
  ///   - progress: Called before each block of the model with the runs concerned.
  ///   - answer: Called with each step as soon as it is done, or with the error that prevented it.
  /// - Throws: `CancellationError`; the runs that have not answered are unchanged.
  package func step(
    _ steps: [(run: Int, index: Int)], progress: @escaping @Sendable ([Int], ForwardProgress) -> Void,
    answer: @Sendable (Int, Result<ShownStep, any Error>) -> Void
  ) throws {
    try Task.checkCancellation()
    let check: ([Int], ForwardProgress) throws -> Void = { numbers, report in
      try Task.checkCancellation()
      progress(numbers, report)
    }
    try table.step(steps.map { RunTable.Request(run: $0.run, index: $0.index) }, progress: check, answer: answer)
  }
}
