import DiffusionCore

/// The current runs by number, and the engine that takes their steps.
struct RunTable {
  /// A request for a step of a run.
  struct Request: Sendable {
    let run: Int
    /// The index of the step, from 0: the one after the last that was answered.
    let index: Int
  }

  private struct Entry {
    var run: any SteppableRun
    let model: ModelReference
    /// The steps taken. One whose answer was dropped is answered again rather than computed twice, and a branch takes
    /// those that it shares.
    var steps: [ShownStep] = []

    /// The latents of a view after some steps; nil where no step has made them.
    func latents(_ view: TensorView, at position: Int) -> Tensor<Float>? {
      guard position > 0 else { return view == .sample ? run.initialSample : nil }
      guard steps.indices.contains(position - 1) else { return nil }
      let step = steps[position - 1].step
      return view == .sample ? step.prevSample : step.predOriginalSample
    }
  }

  private var engine: any DenoisingEngine
  private var entries: [Int: Entry] = [:]
  private var gallery = GalleryRuns()

  init(engine: any DenoisingEngine) { self.engine = engine }

  /// Creates a run before its first step.
  ///
  /// - Parameters:
  ///   - number: Its number.
  ///   - request: Its model and settings.
  ///   - progress: Called before each tensor of a model that has to be opened; may throw to stop.
  /// - Throws: The error that keeps the run from being created.
  mutating func start(
    _ number: Int, _ request: RunRequest, progress: @escaping OpeningProgressHandler = { _ in }
  ) throws -> RunDescription {
    let made = try engine.makeRun(request, progress: progress)
    var entry = Entry(run: made, model: request.model)
    if let shared = sharedSteps(with: entry), entry.run.skip(shared.map(\.step)) { entry.steps = shared }
    entries[number] = entry
    return RunDescription(of: made, model: request.model)
  }

  /// The steps before the last branch of a run, if another one has taken them; nil if none has.
  private func sharedSteps(with own: Entry) -> [ShownStep]? {
    guard let step = own.run.settings.branches.last?.step else { return nil }
    let trunk = own.run.settings.upTo(step: step)
    let other = entries.values.first {
      $0.model == own.model && $0.steps.count >= step && $0.run.settings.upTo(step: step) == trunk
    }
    return other.map { Array($0.steps.prefix(step)) }
  }

  /// Describes a run before its first step, without keeping it.
  ///
  /// - Throws: The error that keeps the run from being created.
  mutating func describe(_ request: RunRequest) throws -> RunDescription {
    RunDescription(of: try engine.makeRun(request), model: request.model)
  }

  /// Takes and measures all steps of a run, without keeping it.
  ///
  /// - Parameter check: Called before each block of the model; may throw to stop.
  /// - Throws: The error that stops the run.
  mutating func record(_ request: RunRequest, check: @escaping () throws -> Void) throws -> RecordedRun {
    var run = try engine.makeRun(request)
    var shown = ShownRun(number: 0, RunDescription(of: run, model: request.model))
    while run.completedSteps < run.schedule.count {
      let step = try run.step { _ in try check() }
      let isLast = run.completedSteps == run.schedule.count
      let images = isLast ? try run.images(of: step.prevSample) { _ in try check() } : nil
      shown.append(ShownStep(step, images: images))
    }
    return RecordedRun(shown)
  }

  /// Decodes the latents of a step that a run has taken.
  ///
  /// - Parameter check: Called before each block of the decoder, and after the last; may throw to stop.
  /// - Throws: The error that keeps them from being decoded.
  func decode(_ request: DecodeRequest, check: @escaping () throws -> Void) throws -> DecodedImage {
    try check()
    guard let entry = entries[request.run], let latents = entry.latents(request.view, at: request.position) else {
      throw DiffusionError(
        .usage, "the engine has no step \(request.position) of run \(request.run) any more: start it again")
    }
    let images = try entry.run.images(of: latents) { _ in try check() }
    let image = DecodedImage(
      images, nonFinite: try entry.run.nonFiniteLayer(behind: images, of: latents) { _ in try check() })
    try check()
    return image
  }

  /// Computes how much the pixels of a step that a run has taken attend to the tokens of its prompt.
  ///
  /// - Parameter check: Called before each block of the model; may throw to stop.
  /// - Throws: The error that keeps it from being computed.
  func attend(_ request: AttentionRequest, check: @escaping () throws -> Void) throws -> TokenMaps {
    try check()
    guard let entry = entries[request.run], entry.steps.indices.contains(request.position - 1) else {
      throw DiffusionError(
        .usage, "the engine has no step \(request.position) of run \(request.run) any more: start it again")
    }
    let step = entry.steps[request.position - 1].step
    guard let attention = try entry.run.textAttention(of: step, progress: { _ in try check() }) else {
      throw DiffusionError(.usage, "\(entry.model.name) attends to no prompt")
    }
    return TokenMaps(attention)
  }

  /// Takes a step of a gallery's entries; see ``GalleryRuns/step(_:engine:check:progress:)``.
  mutating func develop(
    _ request: GalleryRequest, check: @escaping () throws -> Void, progress: @escaping ForwardProgressHandler
  ) throws -> GalleryAdvance {
    try gallery.step(request, engine: &engine, check: check, progress: progress)
  }

  /// Discards runs.
  mutating func discard(_ numbers: [Int]) {
    for number in numbers { entries[number] = nil }
  }

  /// Takes a step of each run, in batches where possible.
  ///
  /// - Parameters:
  ///   - requests: At most one per run.
  ///   - progress: Called before each block of the model with the runs concerned; may throw to stop.
  ///   - answer: Called with each step as soon as it is done and measured, or with the error that prevented it.
  /// - Throws: `CancellationError`; the runs that have not answered are unchanged.
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
      if entry.steps.indices.contains(request.index) {
        answer(request.run, .success(entry.steps[request.index]))
      } else {
        waiting.append(request.run)
      }
    }
    let passes = engine.passes(of: waiting.compactMap { entries[$0]?.run })
    for pass in passes {
      try take(pass.filter(waiting.indices.contains).map { waiting[$0] }, progress: progress, answer: answer)
    }
  }

  /// Takes the step of the runs that share a forward pass.
  private mutating func take(
    _ numbers: [Int], progress: @escaping ([Int], ForwardProgress) throws -> Void,
    answer: (Int, Result<ShownStep, any Error>) -> Void
  ) throws {
    // Moved out of the dictionary, so that changing the runs does not copy their storage.
    let entries = numbers.compactMap { self.entries.removeValue(forKey: $0) }
    var runs = entries.map(\.run)
    let results = engine.step(&runs) { try progress(numbers, $0) }
    var interruption: CancellationError?
    for (place, number) in numbers.enumerated() {
      var entry = Entry(run: runs[place], model: entries[place].model, steps: entries[place].steps)
      // Latents are decoded on their own, after the step is shown.
      let hasImages = entry.run.completedSteps == entry.run.schedule.count && entry.run.latents == nil
      let measured = results[place].flatMap { step in
        Result { ShownStep(step, images: hasImages ? try entry.run.images(of: step.prevSample) : nil) }
      }
      switch measured {
      case .success(let step):
        entry.steps.append(step)
        answer(number, .success(step))
      case .failure(let error as CancellationError): interruption = error
      case .failure(let error): answer(number, .failure(error))
      }
      self.entries[number] = entry
    }
    if let interruption { throw interruption }
  }
}
