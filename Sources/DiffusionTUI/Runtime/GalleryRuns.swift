import DiffusionCore

/// The runs of a gallery's entries that have no image yet. Runs that were stopped are kept where they are.
struct GalleryRuns {
  /// A run that has taken its last step.
  private struct Finished {
    let run: any SteppableRun
    let lastStep: DenoisingStep
    /// Its image; nil until it is made.
    var image: GalleryImage?
  }

  private var run: RunRequest?
  private var runs: [GalleryEntry: any SteppableRun] = [:]
  private var finished: [GalleryEntry: Finished] = [:]

  /// The number of runs kept beyond those requested.
  private static let mostKept = 64

  /// Takes the next step of each entry of a request, in batches where possible; creates the runs that are missing.
  ///
  /// - Parameters:
  ///   - request: The entries and what they share.
  ///   - engine: Creates the runs and takes their steps.
  ///   - check: Called before a run is created, and before each block of a decoder; may throw to stop.
  ///   - progress: Called before each block of the model; may throw to stop.
  /// - Returns: The images finished by this step, and the entries that remain.
  /// - Throws: `CancellationError`; a run whose step was stopped is unchanged, and images that were made are returned
  ///   by the next call.
  mutating func step(
    _ request: GalleryRequest, engine: inout any DenoisingEngine, check: @escaping () throws -> Void,
    progress: @escaping ForwardProgressHandler
  ) throws -> GalleryAdvance {
    if run != request.run || runs.count + finished.count > Self.mostKept {
      runs = run == request.run ? runs.filter { request.entries.contains($0.key) } : [:]
      finished = run == request.run ? finished.filter { request.entries.contains($0.key) } : [:]
      run = request.run
    }
    var advance = GalleryAdvance(request)
    try make(request, engine: &engine, check: check, &advance)
    // Moved out of the dictionary, so that changing the runs does not copy their storage.
    let entries = request.entries.filter { runs[$0] != nil }
    var own = entries.compactMap { runs.removeValue(forKey: $0) }
    defer {
      for (entry, run) in zip(entries, own) where !isDone(run) && !advance.hasFailed(entry) { runs[entry] = run }
    }
    for pass in engine.passes(of: own) {
      var members = pass.map { own[$0] }
      let results = engine.step(&members, progress: progress)
      for (place, index) in pass.enumerated() { own[index] = members[place] }
      try take(results, of: pass.map { (entries[$0], own[$0]) }, &advance)
    }
    try makeImages(of: request.entries, check: check, &advance)
    advance.request.entries = zip(entries, own).filter { !isDone($1) && !advance.hasFailed($0) }.map(\.0)
    advance.completedSteps = own.map(\.completedSteps).min() ?? 0
    advance.stepCount = own.map(\.schedule.count).max() ?? 0
    return advance
  }

  private mutating func make(
    _ request: GalleryRequest, engine: inout any DenoisingEngine, check: () throws -> Void,
    _ advance: inout GalleryAdvance
  ) throws {
    for entry in request.entries where runs[entry] == nil && finished[entry] == nil {
      try check()
      do {
        runs[entry] = try engine.makeRun(entry.request(request.run))
      } catch {
        advance.failures.append(GalleryAdvance.Failure(entry: entry, message: String(describing: error)))
      }
    }
  }

  private mutating func take(
    _ results: [Result<DenoisingStep, any Error>], of runs: [(entry: GalleryEntry, run: any SteppableRun)],
    _ advance: inout GalleryAdvance
  ) throws {
    var interruption: CancellationError?
    for (result, (entry, run)) in zip(results, runs) {
      switch result {
      case .success(let step):
        if isDone(run) { finished[entry] = Finished(run: run, lastStep: step) }
      case .failure(let error as CancellationError): interruption = error
      case .failure(let error):
        advance.failures.append(GalleryAdvance.Failure(entry: entry, message: String(describing: error)))
      }
    }
    if let interruption { throw interruption }
  }

  /// Makes the images of the runs that are finished, and hands them over.
  private mutating func makeImages(
    of entries: [GalleryEntry], check: @escaping () throws -> Void, _ advance: inout GalleryAdvance
  ) throws {
    for entry in entries {
      guard let own = finished[entry], own.image == nil else { continue }
      do {
        let images = try own.run.images(of: own.lastStep.prevSample) { _ in try check() }
        finished[entry]?.image = GalleryImage(
          entry: entry, lastStep: own.lastStep, images: images, isDecoded: own.run.latents != nil)
      } catch let error as CancellationError {
        throw error
      } catch {
        finished[entry] = nil
        advance.failures.append(GalleryAdvance.Failure(entry: entry, message: String(describing: error)))
      }
    }
    advance.images = entries.compactMap { finished.removeValue(forKey: $0)?.image }
  }

  private func isDone(_ run: any SteppableRun) -> Bool { run.completedSteps >= run.schedule.count }
}

extension GalleryAdvance {
  /// Whether an entry is among those that failed.
  func hasFailed(_ entry: GalleryEntry) -> Bool { failures.contains { $0.entry == entry } }
}
