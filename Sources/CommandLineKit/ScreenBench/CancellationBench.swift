import DiffusionCore
import DiffusionTUI
import Glibc

/// Measures how soon the engine is free after a cancellation, at random moments of its work: through the explorer's own
/// session, with batches as large as in its gallery.
struct CancellationBench {
  /// The number of cancellations of each kind.
  private static let samples = 40
  /// The limit for a cancellation, in milliseconds.
  private static let limitMs = 100.0
  /// More steps than are taken here.
  private static let manySteps = 1000

  private let session: DenoisingSession
  private let settings: RunSettings
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a benchmark with its own session.
  init(
    settings: RunSettings, checkCancellation: @escaping @Sendable () throws -> Void,
    open: @escaping PipelineEngine.Open
  ) {
    session = DenoisingSession { PipelineEngine(open: open) }
    self.settings = settings
    self.checkCancellation = checkCancellation
  }

  /// Measures a gallery and the steps of runs side by side.
  ///
  /// - Parameter runs: The seeds of the runs.
  /// - Throws: An error of the model, or what `checkCancellation` throws.
  func measures(runs seeds: [Seed]) throws -> [ScreenMeasure] {
    [
      ScreenMeasure("a gallery that is cancelled, until it has ended", times: try gallery(), limitMs: Self.limitMs),
      ScreenMeasure("a step of four runs, the same", times: try steps(seeds), limitMs: Self.limitMs),
    ]
  }

  private func gallery() throws -> [Duration] {
    var batch = GalleryBatch()
    // As many seeds at a time as the gallery uses on this machine.
    for round in 0..<6 {
      let seeds = (0..<batch.size).map { GalleryEntry.seed(Seed(100 * round + $0)) }
      let request = GalleryRequest(job: batch.begin(seeds), run: request(steps: 1), entries: seeds)
      batch.advance(try develop(request).value())
    }
    let seeds = (0..<batch.size).map { GalleryEntry.seed(Seed($0)) }
    let request = GalleryRequest(job: 0, run: request(steps: Self.manySteps), entries: seeds)
    return try times { develop(request) }
  }

  private func develop(_ request: GalleryRequest) -> SessionWork<GalleryAdvance> {
    let start = ContinuousClock.now
    return SessionWork { [session] in try await session.develop(request) { start.duration(to: .now) } }
  }

  private func steps(_ seeds: [Seed]) throws -> [Duration] {
    for (number, seed) in seeds.enumerated() {
      var request = request(steps: Self.manySteps)
      request.settings.seeds = [seed]
      _ = try SessionWork { [session, request] in try await session.start(run: number, request) }.value()
    }
    var taken = 0
    return try times {
      let requests = seeds.indices.map { (run: $0, index: taken) }
      return SessionWork { [session] in try await session.step(requests, progress: { _, _ in }, answer: { _, _ in }) }
    } whenDone: {
      taken += 1
    }
  }

  /// Cancels work repeatedly, each time at a different moment.
  ///
  /// - Parameter whenDone: Called if work was done before it was cancelled.
  private func times<Value>(
    _ work: () -> SessionWork<Value>, whenDone: () -> Void = {}
  ) throws -> [Duration] {
    let start = ContinuousClock.now
    _ = try work().value()
    whenDone()
    let length = start.duration(to: .now) / .microseconds(1)
    var times: [Duration] = []
    while times.count < Self.samples {
      try checkCancellation()
      let time = try work().cancel { usleep(UInt32(.random(in: 0..<max(1, length)))) }
      if let time { times.append(time) } else { whenDone() }
    }
    return times
  }

  private func request(steps: Int) -> RunRequest {
    var request = RunRequest(settings: settings)
    request.settings.steps = steps
    return request
  }
}
