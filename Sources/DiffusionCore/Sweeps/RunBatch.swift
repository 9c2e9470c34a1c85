/// What is done with a run that takes its steps in a batch.
package protocol RunFollower {
  /// Called before the first step.
  ///
  /// - Returns: Whether the steps are to be taken.
  mutating func begin(_ run: DenoisingRun) throws -> Bool
  /// Called after each step.
  ///
  /// - Returns: Whether the steps behind it are to be taken.
  mutating func record(_ step: DenoisingStep) throws -> Bool
  /// Called after the last step, with the images, `[batch, height, width, channels]` in [0, 1].
  mutating func finish(_ images: Tensor<Float>) throws
}

/// Runs that take all their steps together. Each has the bits that it has alone.
package struct RunBatch<Follower: RunFollower> {
  /// A run with what follows it.
  private struct Member {
    /// Its place among the runs.
    let place: Int
    var run: DenoisingRun
    var follower: Follower
  }

  private var active: [Member] = []
  private var results: [Result<Follower, any Error>?]
  private let check: @Sendable () throws -> Void

  /// Creates a batch.
  ///
  /// - Parameter check: Called before each block of the model; may throw to stop.
  private init(count: Int, check: @escaping @Sendable () throws -> Void) {
    results = Array(repeating: nil, count: count)
    self.check = check
  }

  /// Takes all runs through their steps.
  ///
  /// - Parameters:
  ///   - runs: The runs, at their start, with what follows them.
  ///   - check: Called before each block of the model; may throw to stop.
  /// - Returns: For each run its follower, or the error that it failed with.
  /// - Throws: What `check` throws.
  package static func run(
    _ runs: [(run: DenoisingRun, follower: Follower)], check: @escaping @Sendable () throws -> Void
  ) throws -> [Result<Follower, any Error>] {
    var batch = RunBatch(count: runs.count, check: check)
    for (place, member) in runs.enumerated() {
      batch.begin(Member(place: place, run: member.run, follower: member.follower))
    }
    while !batch.active.isEmpty {
      try batch.step()
      try batch.finish()
    }
    return batch.results.compactMap { $0 }
  }

  private mutating func begin(_ member: Member) {
    var member = member
    do {
      if try member.follower.begin(member.run) {
        active.append(member)
      } else {
        results[member.place] = .success(member.follower)
      }
    } catch {
      results[member.place] = .failure(error)
    }
  }

  /// Takes the next step of every run.
  private mutating func step() throws {
    var runs = active.map(\.run)
    // Only one copy of a run may draw noise.
    let check = check, steps = try DenoisingRun.step(&runs) { _ in try check() }
    var rest: [Member] = []
    for (index, step) in steps.enumerated() {
      var member = active[index]
      member.run = runs[index]
      do {
        if try member.follower.record(step.get()) {
          rest.append(member)
        } else {
          results[member.place] = .success(member.follower)
        }
      } catch {
        results[member.place] = .failure(error)
      }
    }
    active = rest
  }

  /// Ends the runs that have taken their last step.
  private mutating func finish() throws {
    for var member in active where member.run.isFinished {
      try check()
      do {
        let check = check
        try member.follower.finish(member.run.images(of: member.run.sample) { _ in try check() })
        results[member.place] = .success(member.follower)
      } catch let error as CancellationError {
        throw error
      } catch {
        results[member.place] = .failure(error)
      }
    }
    active.removeAll { $0.run.isFinished }
  }
}

extension PipelineVariants {
  /// Creates a run none of whose steps is kept.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - start: What it starts from.
  ///   - progress: Called before each tensor is read, if the model has to be created; may throw to stop.
  /// - Throws: As ``run(_:from:progress:)``.
  package mutating func passingRun(
    _ settings: RunSettings, from start: RunStart, progress: OpeningProgressHandler? = nil
  ) throws -> DenoisingRun {
    try run(settings, from: start, keepsSteps: false, progress: progress)
  }

  /// The largest number of runs like one that share a forward pass and fit into memory, at least 1.
  ///
  /// - Parameters:
  ///   - settings: The settings of one of them.
  ///   - limit: The largest number of images that is wanted.
  /// - Throws: ``DiffusionError`` for settings that the model refuses.
  package func runsInAPass(like settings: RunSettings, limit: Int) throws -> Int {
    let model = current.model, settings = try model.resolved(settings.resolved())
    let images = settings.selection.image == nil ? settings.batchSize : 1
    let pixels = max(1, try model.sampleShape(of: settings).dropFirst().reduce(images, *))
    var count = max(1, min(limit / max(1, images), DenoisingRun.maximumPixelsInAPass / pixels))
    while count > 1 {
      var several = settings
      several.batchSize = settings.batchSize * count
      if try model.memory(of: several, keptSteps: 0) <= current.memory().bytes { break }
      count /= 2
    }
    return count
  }
}
