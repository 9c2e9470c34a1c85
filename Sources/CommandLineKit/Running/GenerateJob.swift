import DiffusionCore

/// Advances a run from its noise to its images, and reports on every step.
public struct GenerateJob: Sendable {
  private let request: GenerateRequest
  private let model: String
  private let engine: EngineReport
  private let receipt: ReceiptHeading?
  private let progress: ProgressLine
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - model: The display name of the model.
  ///   - engine: The engine, its device and its threads.
  ///   - receipt: The receipt's heading; needed if the request includes a receipt.
  ///   - progress: The line that shows the progress of the steps.
  ///   - checkCancellation: Called before every block of the model; may throw to stop.
  public init(
    request: GenerateRequest, model: String, engine: EngineReport, receipt: ReceiptHeading? = nil,
    progress: ProgressLine, checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.model = model
    self.engine = engine
    self.receipt = receipt
    self.progress = progress
    self.checkCancellation = checkCancellation
  }

  /// Takes all of a run's steps and writes the requested files. A run that fails or is stopped leaves no file.
  ///
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ start: some SteppableRun) throws -> GenerateReport {
    var run = start
    defer { progress.clear() }
    var trace: TraceRecording?
    do {
      var exports = try RunExports(request.exports, heading: receipt, run: run)
      trace = try request.trace?.begin(initialNoise: run.initialNoise)
      let (steps, sample) = try walk(&run, &exports, trace)
      let images = try run.images(of: sample)
      let exported = try exports.files(images: images)
      try checkCancellation()
      let files = try request.destination?.write(images) ?? []
      for file in exported { try AtomicFile.write(file.bytes, to: file.path) }
      try trace?.commit(steps: steps.count)
      return report(run, steps: steps, images: images, files: files, exports: exported.map(\.path))
    } catch {
      trace?.discard()
      throw error
    }
  }

  private func walk(
    _ run: inout some SteppableRun, _ exports: inout RunExports, _ trace: TraceRecording?
  ) throws -> ([StepReport], Tensor<Float>) {
    let check = checkCancellation
    var steps: [StepReport] = []
    var sample = run.initialSample
    var seconds = 0.0
    progress.show(completed: 0, total: run.schedule.count, seconds: 0)
    while run.completedSteps < run.schedule.count {
      try check()
      let step = try run.step { _ in try check() }
      try trace?.write(step)
      try exports.record(step)
      steps.append(StepReport(step))
      sample = step.prevSample
      seconds += step.seconds
      progress.show(completed: steps.count, total: run.schedule.count, seconds: seconds)
    }
    return (steps, sample)
  }

  private func report(
    _ run: some SteppableRun, steps: [StepReport], images: Tensor<Float>, files: [String], exports: [String]
  ) -> GenerateReport {
    let statistics = TensorStatistics(of: images)
    return GenerateReport(
      model: model,
      settings: SettingsReport(settings: run.settings, scheduler: run.schedulerRecord.name),
      engine: engine,
      timesteps: run.schedule.map(\.timestep),
      steps: steps,
      images: ImagesReport(shape: images.shape, sha256: statistics.sha256, files: files),
      absSum: statistics.absoluteSum,
      exports: exports.isEmpty ? nil : exports,
      ownScheduler: run.exchangedScheduler,
      picture: run.picture)
  }
}
