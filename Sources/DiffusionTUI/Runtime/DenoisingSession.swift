import DiffusionCore

/// The runs that are shown, away from the terminal's thread. Its methods block while the model computes; cancelling the
/// task that called stops them before the model's next block.
package actor DenoisingSession {
  private var table: RunTable
  /// Where it computes; tasks that call it are best run there too.
  nonisolated let executor = BlockingExecutor(label: "denoising")

  nonisolated package var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

  /// Makes a session without a run.
  package init(makeEngine: @Sendable () -> any DenoisingEngine) {
    table = RunTable(engine: makeEngine())
  }

  /// Makes a run at its noise, and measures it.
  ///
  /// - Throws: `CancellationError`, or what keeps the run from being made.
  package func start(run number: Int, _ request: RunRequest) throws -> RunDescription {
    try Task.checkCancellation()
    return try table.start(number, request)
  }

  /// Describes a run at its noise without keeping it.
  ///
  /// - Throws: `CancellationError`, or what keeps the run from being made.
  package func describe(_ request: RunRequest) throws -> RunDescription {
    try Task.checkCancellation()
    return try table.describe(request)
  }

  /// Takes the next step of a gallery's seeds, and makes images of those that are done.
  ///
  /// - Parameters:
  ///   - request: The seeds; those that were stopped before go on from where they were.
  ///   - now: Measures how long a block of the model takes.
  /// - Throws: `CancellationError`, with the steps kept that were taken.
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

  /// Forgets runs, whether they were made or not.
  package func discard(runs numbers: [Int]) {
    table.discard(numbers)
  }

  /// Takes a step of each of some runs, and measures it. A step that was done when its cancellation came is not
  /// computed again.
  ///
  /// - Parameters:
  ///   - steps: The runs' numbers, and which step of each, from 0: the one after those that were answered.
  ///   - progress: Told before each block of the model, and of which runs.
  ///   - answer: Told of each step as soon as it is done, or why there is none.
  /// - Throws: `CancellationError`, with the runs that have not answered as they were.
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
