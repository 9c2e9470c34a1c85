import Dispatch
import Synchronization

/// What is done with a run that takes its steps in a batch. Those of several runs may be called at once.
package protocol RunFollower: Sendable {
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
  ///   - progress: Called after each step with the number of steps that are taken.
  ///   - check: Called before each block of the model; may throw to stop.
  /// - Returns: For each run its follower, or the error that it failed with.
  /// - Throws: What `check` throws.
  package static func run(
    _ runs: [(run: DenoisingRun, follower: Follower)], progress: (Int) -> Void = { _ in },
    check: @escaping @Sendable () throws -> Void
  ) throws -> [Result<Follower, any Error>] {
    var batch = RunBatch(count: runs.count, check: check)
    for (place, member) in runs.enumerated() {
      batch.begin(Member(place: place, run: member.run, follower: member.follower))
    }
    var taken = 0
    while !batch.active.isEmpty {
      try batch.step()
      taken += 1
      progress(taken)
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
    let recorded = zip(active.map(\.follower), steps).map { ($0, $1) }.concurrentMap(threads: threads) {
      follower, step in
      Result {
        var follower = follower
        let goesOn = try follower.record(step.get())
        return (follower, goesOn)
      }
    }
    var rest: [Member] = []
    for (index, result) in recorded.enumerated() {
      let place = active[index].place
      switch result {
      case .success((let follower, true)): rest.append(Member(place: place, run: runs[index], follower: follower))
      case .success((let follower, false)): results[place] = .success(follower)
      case .failure(let error): results[place] = .failure(error)
      }
    }
    active = rest
  }

  /// The threads that the runs compute with.
  private var threads: Int { active.map(\.run.settings.threads).max() ?? 1 }

  /// Ends the runs that have taken their last step.
  private mutating func finish() throws {
    let finished = active.filter(\.run.isFinished), threads = threads
    // No more images at once than there are threads for.
    for start in stride(from: 0, to: finished.count, by: threads) {
      let members = finished[start...].prefix(threads)
      let decoded = try members.map { ($0.follower, try images(of: $0.run)) }
      let ended = decoded.concurrentMap(threads: threads) { follower, images in
        Result {
          var follower = follower
          try follower.finish(images.get())
          return follower
        }
      }
      for (member, result) in zip(members, ended) { results[member.place] = result }
    }
    active.removeAll { $0.run.isFinished }
  }

  /// The images of a finished run, or the error that it failed with.
  ///
  /// - Throws: What `check` throws.
  private func images(of run: DenoisingRun) throws -> Result<Tensor<Float>, any Error> {
    try check()
    do {
      let check = check
      return .success(try run.images(of: run.sample) { _ in try check() })
    } catch let error as CancellationError {
      throw error
    } catch {
      return .failure(error)
    }
  }
}

extension Array where Element: Sendable {
  /// The results of a closure for every element, in order.
  ///
  /// - Parameter threads: The number of threads that it is called on at once, at most.
  func concurrentMap<Result: Sendable>(threads: Int, _ transform: @Sendable (Element) -> Result) -> [Result] {
    let results = Mutex([Result?](repeating: nil, count: count)), next = Atomic(0)
    DispatchQueue.concurrentPerform(iterations: Swift.max(1, Swift.min(threads, count))) { _ in
      while true {
        let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
        guard index < count else { return }
        let result = transform(self[index])
        results.withLock { $0[index] = result }
      }
    }
    return results.withLock { $0 }.compactMap { $0 }
  }
}

extension PipelineVariants {
  /// Creates a run none of whose steps is kept, once ``runsInAPass(like:limit:)`` has found memory for it.
  ///
  /// - Parameters:
  ///   - settings: The settings of the run.
  ///   - start: What it starts from.
  ///   - progress: Called before each tensor is read, if the model has to be created; may throw to stop.
  /// - Throws: As ``run(_:from:progress:)``.
  package mutating func passingRun(
    _ settings: RunSettings, from start: RunStart, progress: OpeningProgressHandler? = nil
  ) throws -> DenoisingRun {
    try run(settings, from: start, memory: .none, progress: progress)
  }

  /// The largest number of runs like one that share a forward pass and fit into memory, at least 1.
  ///
  /// - Parameters:
  ///   - settings: The settings of one of them.
  ///   - limit: The largest number of images that is wanted.
  /// - Throws: ``DiffusionError`` for settings that the model refuses, and if there is no memory for one run.
  package func runsInAPass(like settings: RunSettings, limit: Int) throws -> Int {
    let model = current.model, settings = try model.resolved(settings.resolved())
    try current.requireMemory(settings, keptSteps: 0)
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
