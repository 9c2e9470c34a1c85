import TensorKernels

/// Steps that several runs take together. Each round runs the model once for every run whose step is not done; runs
/// that share a model and a timestep share a forward pass.
extension DenoisingRun {
  /// The largest number of pixels (images times height times width) of runs that share a forward pass: 64 images of
  /// 32x32, or one of 256x256. Feature maps and skip connections grow with it, and beyond it a larger batch costs
  /// memory and gains nothing. A run whose own batch is larger is not split: it runs alone.
  public static let maximumPixelsInAPass = 65_536

  /// Takes the next step of several runs; those that share a model and a timestep share a forward pass.
  ///
  /// Runs share a model if they have the same object, such as a ``UNet2DModel``, and so the same device, threads and
  /// weights; see ``DiffusionPipeline/run(_:from:)``. Everything else may differ: prompts, guidance, seeds, steps,
  /// schedulers, generators, batch sizes.
  /// Every result is bit-identical to that of ``step(progress:)``, because no image of a batch depends on another, and
  /// each run takes its own scheduler's step with its own noise.
  ///
  /// - Parameters:
  ///   - runs: The runs. One that fails is left unchanged.
  ///   - progress: Called before each block of each pass; `completed` and `total` cover the passes of a round, as if
  ///     each were as long as the current one.
  /// - Returns: For each run its step, or the error that it failed with: ``DiffusionError`` (`usage`) for a finished
  ///   run. A step's ``DenoisingStep/seconds`` are its images' share of the passes plus its own update.
  /// - Throws: What `progress` throws, with every run unchanged, generators included.
  public static func step(
    _ runs: inout [DenoisingRun], progress: ForwardProgressHandler? = nil
  ) throws -> [Result<DenoisingStep, any Error>] {
    if let shortage = shortage(for: runs) { return runs.map { _ in .failure(shortage) } }
    let states = runs.map(\.noise.state)
    var steps = runs.map { RunningStep($0) }
    do {
      while true {
        let passes = BatchedPass.passes(of: steps)
        if passes.isEmpty { break }
        try take(passes, of: &steps, progress: progress)
        // Noise is drawn only now, when no pass of the round can be cancelled any more.
        for index in passes.flatMap(\.members) { steps[index].receive() }
      }
    } catch {
      for (run, state) in zip(runs, states) { run.noise.restore(state) }
      throw error
    }
    return steps.indices.map { index in
      Result {
        do {
          let result = try steps[index].result()
          runs[index] = steps[index].run
          return result
        } catch {
          runs[index].noise.restore(states[index])
          throw error
        }
      }
    }
  }

  /// The error if the tensors of a step no longer fit into memory: Swift's arrays would end the process.
  private static func shortage(for runs: [DenoisingRun]) -> DiffusionError? {
    let samples = Int.sum(of: runs.map { .product(of: $0.sample.shape) })
    let bytes = Int.product(samples, StepTensors.count, MemoryLayout<Float>.stride)
    guard !MemoryBudget.hasRoom(byteCount: bytes) else { return nil }
    return DiffusionError(
      .unavailable, "a step: out of memory: needs about \(MemoryBudget.size(bytes)): close other runs, or free memory")
  }

  private static func take(
    _ passes: [BatchedPass], of steps: inout [RunningStep], progress: ForwardProgressHandler?
  ) throws {
    for (index, pass) in passes.enumerated() {
      let report = progress.map { progress in
        { (part: ForwardProgress) in
          try progress(part.part(index, of: passes.count))
        }
      }
      try pass.predict(&steps, progress: report)
    }
  }

  /// The runs, by index, that each forward pass of the next ``step(_:progress:)`` covers; finished runs are in none.
  package static func sharedPasses(of runs: [DenoisingRun]) -> [[Int]] {
    let states = runs.map(\.noise.state)
    defer { for (run, state) in zip(runs, states) { run.noise.restore(state) } }
    return BatchedPass.passes(of: runs.map { RunningStep($0) }).map(\.members)
  }

  static func timed<Result>(
    by clock: some Clock<Duration>, _ work: () throws -> Result
  ) rethrows -> (Result, seconds: Double) {
    let start = clock.now
    let result = try work()
    return (result, start.duration(to: clock.now) / .seconds(1))
  }
}

/// A run in the middle of its step.
struct RunningStep {
  private(set) var run: DenoisingRun
  private var step: Result<any StepInProgress, any Error>
  private var prediction: Tensor<Float>?
  private var nonFinite: NonFiniteLayer?
  private var seconds = 0.0
  private var completed: DenoisingStep?

  init(_ run: DenoisingRun) {
    self.run = run
    step = Result { try run.beginStep() }
  }

  /// The next input of the model; nil once the step is done or has failed.
  var input: ModelInput? { completed == nil ? (try? step.get())?.input : nil }

  /// Stores the model's output and its cost.
  mutating func predicted(_ output: Tensor<Float>, nonFinite: NonFiniteLayer?, seconds: Double) {
    (prediction, self.nonFinite) = (output, self.nonFinite ?? nonFinite)
    self.seconds += seconds
  }

  /// Ends the step with an error.
  mutating func fail(_ error: any Error) { step = .failure(error) }

  /// Passes the prediction on to the step.
  mutating func receive() {
    guard let output = prediction, case .success(var current) = step else { return }
    prediction = nil
    do {
      let (done, seconds) = try DenoisingRun.timed(by: run.clock) {
        try current.receive(output, noise: run.stepNoise)
      }
      self.seconds += seconds
      step = .success(current)
      if let done { completed = try run.advance(done, nonFinite: nonFinite, seconds: self.seconds) }
    } catch {
      step = .failure(error)
    }
  }

  /// The completed step.
  ///
  /// - Throws: The error that the step failed with.
  func result() throws -> DenoisingStep {
    if let completed { return completed }
    _ = try step.get()
    throw run.finishedError
  }
}

/// A forward pass that several runs share.
struct BatchedPass {
  /// The properties that runs must share for a common pass.
  private struct Key: Hashable {
    let model: ObjectIdentifier
    let input: ModelInput.BatchKey
  }

  /// Wraps an error from a progress handler, which stops everything, to tell it from an error of the model, which
  /// concerns its own runs only.
  private struct Interruption: Error {
    let reason: any Error
  }

  /// The indices of its runs, in order.
  private(set) var members: [Int]

  /// Plans a round: a completed step is in no pass, and every other in one.
  static func passes(of steps: [RunningStep]) -> [BatchedPass] {
    var passes: [BatchedPass] = []
    var open: [Key: (pass: Int, pixels: Int)] = [:]
    for (index, step) in steps.enumerated() {
      guard let input = step.input else { continue }
      let key = step.run.model.identity.map { Key(model: $0, input: ModelInput.BatchKey(input)) }
      let shape = input.sample.shape, pixels = (shape.first ?? 0) * shape.dropFirst(2).reduce(1, *)
      if let key, let (pass, taken) = open[key], taken + pixels <= DenoisingRun.maximumPixelsInAPass {
        passes[pass].members.append(index)
        open[key] = (pass, taken + pixels)
      } else {
        if let key { open[key] = (passes.count, pixels) }
        passes.append(BatchedPass(members: [index]))
      }
    }
    return passes
  }

  /// Runs the model once for all members, and stores for each its output or its error.
  ///
  /// - Throws: What `progress` throws.
  func predict(_ steps: inout [RunningStep], progress: ForwardProgressHandler?) throws {
    let inputs = members.compactMap { steps[$0].input }
    guard let first = members.first.map({ steps[$0].run }), let batch = ModelInput.joined(inputs) else { return }
    let progress = progress.map(Self.interrupting)
    do {
      let (output, seconds) = try DenoisingRun.timed(by: first.clock) { try first.model(batch, progress: progress) }
      for (place, part) in Self.split(output, like: inputs).enumerated() {
        let member = members[place], share = Double(part.shape[0]) / Double(batch.sample.shape[0])
        let nonFinite = try steps[member].run.nonFiniteLayer(inputs[place], behind: part, progress: progress)
        steps[member].predicted(part, nonFinite: nonFinite, seconds: seconds * share)
      }
    } catch let interruption as Interruption {
      throw interruption.reason
    } catch {
      for member in members { steps[member].fail(error) }
    }
  }

  private static func interrupting(_ progress: @escaping ForwardProgressHandler) -> ForwardProgressHandler {
    { report in
      do { try progress(report) } catch { throw Interruption(reason: error) }
    }
  }

  private static func split(_ output: Tensor<Float>, like parts: [ModelInput]) -> [Tensor<Float>] {
    guard parts.count > 1 else { return [output] }
    let each = output.shape.dropFirst().reduce(1, *)
    var start = 0
    return parts.map { part in
      let images = part.sample.shape[0], end = start + images * each
      defer { start = end }
      return Tensor(unchecked: [images] + output.shape.dropFirst(), Array(output.scalars[start..<end]))
    }
  }
}
