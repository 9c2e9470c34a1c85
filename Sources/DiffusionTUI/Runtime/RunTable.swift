import DiffusionCore

/// The runs that there are, by number, and the engine that takes their steps.
struct RunTable {
  /// Which step is asked of which run.
  struct Request: Sendable {
    let run: Int
    /// Which step, from 0: the one after those that were answered.
    let index: Int
  }

  private struct Entry {
    var run: any SteppableRun
    /// The last step that it took; answered again where its answer was dropped, rather than computed twice.
    var lastStep: ShownStep?
  }

  private var engine: any DenoisingEngine
  private var entries: [Int: Entry] = [:]
  private var gallery = GalleryRuns()

  init(engine: any DenoisingEngine) { self.engine = engine }

  /// Makes a run at its noise.
  ///
  /// - Throws: What keeps the run from being made.
  mutating func start(_ number: Int, _ request: RunRequest) throws -> RunDescription {
    let made = try engine.makeRun(request)
    entries[number] = Entry(run: made, lastStep: nil)
    return RunDescription(of: made, model: request.model)
  }

  /// Describes a run at its noise without keeping it.
  ///
  /// - Throws: What keeps the run from being made.
  mutating func describe(_ request: RunRequest) throws -> RunDescription {
    RunDescription(of: try engine.makeRun(request), model: request.model)
  }

  /// Takes a step of a gallery's seeds; see ``GalleryRuns/step(_:engine:check:progress:)``.
  mutating func develop(
    _ request: GalleryRequest, check: () throws -> Void, progress: @escaping ForwardProgressHandler
  ) throws -> GalleryAdvance {
    try gallery.step(request, engine: &engine, check: check, progress: progress)
  }

  /// Forgets runs.
  mutating func discard(_ numbers: [Int]) {
    for number in numbers { entries[number] = nil }
  }

  /// Takes a step of each run, those together that can be.
  ///
  /// - Parameters:
  ///   - requests: At most one for a run.
  ///   - progress: Told before each block of the model, and of which runs; throws to stop.
  ///   - answer: Told of each step as soon as it is done and measured, or why there is none.
  /// - Throws: `CancellationError`; the runs that have not answered are as they were.
  mutating func step(
    _ requests: [Request], progress: @escaping ([Int], ForwardProgress) throws -> Void,
    answer: (Int, Result<ShownStep, any Error>) -> Void
  ) throws {
    var waiting: [Int] = []
    for request in requests {
      guard let entry = entries[request.run] else {
        let reason = "the engine has no run \(request.run) any more: start it again"
        answer(request.run, .failure(DiffusionError(.usage, reason)))
        continue
      }
      if let lastStep = entry.lastStep, lastStep.step.index == request.index {
        answer(request.run, .success(lastStep))
      } else {
        waiting.append(request.run)
      }
    }
    let passes = engine.passes(of: waiting.compactMap { entries[$0]?.run })
    for pass in passes {
      try take(pass.filter(waiting.indices.contains).map { waiting[$0] }, progress: progress, answer: answer)
    }
  }

  /// Takes the step of the runs of one pass.
  private mutating func take(
    _ numbers: [Int], progress: @escaping ([Int], ForwardProgress) throws -> Void,
    answer: (Int, Result<ShownStep, any Error>) -> Void
  ) throws {
    // Held in one place, so that the runs' storage is not copied to be changed.
    let entries = numbers.compactMap { self.entries.removeValue(forKey: $0) }
    var runs = entries.map(\.run)
    let results = engine.step(&runs) { try progress(numbers, $0) }
    var interruption: CancellationError?
    for (place, number) in numbers.enumerated() {
      var entry = Entry(run: runs[place], lastStep: entries[place].lastStep)
      let isLast = entry.run.completedSteps == entry.run.schedule.count
      let measured = results[place].flatMap { step in
        Result { ShownStep(step, images: isLast ? try entry.run.images(of: step.prevSample) : nil) }
      }
      switch measured {
      case .success(let step):
        entry.lastStep = step
        answer(number, .success(step))
      case .failure(let error as CancellationError): interruption = error
      case .failure(let error): answer(number, .failure(error))
      }
      self.entries[number] = entry
    }
    if let interruption { throw interruption }
  }
}
