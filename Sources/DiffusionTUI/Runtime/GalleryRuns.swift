import DiffusionCore

/// The unfinished runs of a gallery's seeds. Runs that were stopped are kept where they are.
struct GalleryRuns {
  private var run: RunRequest?
  private var runs: [Seed: any SteppableRun] = [:]

  /// The number of runs kept beyond those requested.
  private static let mostKept = 64

  /// Takes the next step of each seed of a request, in batches where possible; creates the runs that are missing.
  ///
  /// - Parameters:
  ///   - request: The seeds and their settings.
  ///   - engine: Creates the runs and takes their steps.
  ///   - check: Called before a run is created; may throw to stop.
  ///   - progress: Called before each block of the model; may throw to stop.
  /// - Returns: The images finished by this step, and the seeds that remain.
  /// - Throws: `CancellationError`; a run whose step was stopped is unchanged.
  mutating func step(
    _ request: GalleryRequest, engine: inout any DenoisingEngine, check: () throws -> Void,
    progress: @escaping ForwardProgressHandler
  ) throws -> GalleryAdvance {
    if run != request.run || runs.count > Self.mostKept {
      runs = run == request.run ? runs.filter { request.seeds.contains($0.key) } : [:]
      run = request.run
    }
    var advance = GalleryAdvance(request)
    try make(request, engine: &engine, check: check, &advance)
    // Moved out of the dictionary, so that changing the runs does not copy their storage.
    let seeds = request.seeds.filter { runs[$0] != nil }
    var own = seeds.compactMap { runs.removeValue(forKey: $0) }
    defer { for (seed, run) in zip(seeds, own) where !isDone(run) && !advance.hasFailed(seed) { runs[seed] = run } }
    for pass in engine.passes(of: own) {
      var members = pass.map { own[$0] }
      let results = engine.step(&members, progress: progress)
      for (place, index) in pass.enumerated() { own[index] = members[place] }
      try take(results, of: pass.map { (seeds[$0], own[$0]) }, &advance)
    }
    advance.request.seeds = zip(seeds, own).filter { !isDone($1) && !advance.hasFailed($0) }.map(\.0)
    advance.completedSteps = own.map(\.completedSteps).min() ?? 0
    advance.stepCount = own.map(\.schedule.count).max() ?? 0
    return advance
  }

  private mutating func make(
    _ request: GalleryRequest, engine: inout any DenoisingEngine, check: () throws -> Void,
    _ advance: inout GalleryAdvance
  ) throws {
    for seed in request.seeds where runs[seed] == nil {
      try check()
      var own = request.run
      own.settings.seeds = [seed]
      do {
        runs[seed] = try engine.makeRun(own)
      } catch {
        advance.failures.append(GalleryAdvance.Failure(seed: seed, message: String(describing: error)))
      }
    }
  }

  private func take(
    _ results: [Result<DenoisingStep, any Error>], of runs: [(seed: Seed, run: any SteppableRun)],
    _ advance: inout GalleryAdvance
  ) throws {
    var interruption: CancellationError?
    for (result, (seed, run)) in zip(results, runs) {
      switch result {
      case .success(let step):
        guard isDone(run) else { break }
        let images = try run.images(of: step.prevSample)
        advance.images.append(
          GalleryImage(seed: seed, lastStep: step, images: images, isDecoded: run.latents != nil))
      case .failure(let error as CancellationError): interruption = error
      case .failure(let error):
        advance.failures.append(GalleryAdvance.Failure(seed: seed, message: String(describing: error)))
      }
    }
    if let interruption { throw interruption }
  }

  private func isDone(_ run: any SteppableRun) -> Bool { run.completedSteps >= run.schedule.count }
}

extension GalleryAdvance {
  /// Whether a seed is among those that failed.
  func hasFailed(_ seed: Seed) -> Bool { failures.contains { $0.seed == seed } }
}
