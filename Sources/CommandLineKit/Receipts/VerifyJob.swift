import DiffusionCore

/// Runs again what a receipt is of, up to the first thing that differs.
public struct VerifyJob: Sendable {
  private let request: VerifyRequest
  private let model: ReceiptModel
  private let progress: ProgressLine
  private let checkCancellation: @Sendable () throws -> Void

  /// Makes a job.
  ///
  /// - Parameters:
  ///   - request: What was asked for.
  ///   - model: The model that is here, every file of it read.
  ///   - progress: Where the steps are counted.
  ///   - checkCancellation: Asked before every block of the model; throws to stop there.
  public init(
    request: VerifyRequest, model: ReceiptModel, progress: ProgressLine,
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.model = model
    self.progress = progress
    self.checkCancellation = checkCancellation
  }

  /// Compares. Another model is not run: nothing could be equal for the receipt's reason.
  ///
  /// - Parameter open: Opens the model.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ open: () throws -> RunnableModel) throws -> VerifyReport {
    defer { progress.clear() }
    let changed = try request.receipt.changeDifference()
    if let difference = request.receipt.difference(from: model) { return report([changed, difference], steps: 0) }
    let opened = try open()
    if let difference = try request.receipt.difference(from: opened.scheduler) {
      return report([changed, difference], steps: 0)
    }
    var run = try started(opened)
    let difference = try walk(&run)
    return report([changed, difference], steps: run.completedSteps)
  }

  /// A run that cannot be started is one that the receipt should not ask for.
  private func started(_ model: RunnableModel) throws -> any SteppableRun {
    do {
      return try model.start(request.settings)
    } catch let error as DiffusionError where error.kind == .usage {
      throw DiffusionError(.badData, "\(request.file): settings: \(error.message)")
    }
  }

  private func walk(_ run: inout any SteppableRun) throws -> ReceiptDifference? {
    let check = checkCancellation, total = run.schedule.count
    let receipt = ReceiptRun(request.receipt, reference: request.reference)
    let timesteps = run.schedule.map(\.timestep)
    if let difference = receipt.difference(timesteps: timesteps, initialNoise: run.initialNoise) {
      return difference
    }
    var sample = run.initialNoise
    var seconds = 0.0
    progress.show(completed: 0, total: total, seconds: 0)
    while run.completedSteps < total {
      try check()
      let step = try run.step { _ in try check() }
      if let difference = receipt.difference(step: step) { return difference }
      sample = step.prevSample
      seconds += step.seconds
      progress.show(completed: run.completedSteps, total: total, seconds: seconds)
    }
    return receipt.difference(images: sample.imagesFromSamples())
  }

  private func report(_ found: [ReceiptDifference?], steps: Int) -> VerifyReport {
    let differences = found.compactMap { $0 }, device = request.settings.device
    return VerifyReport(
      receipt: request.file, model: model.id,
      engine: EngineReport(
        version: EngineVersion.current, isa: device.instructionSet, threads: request.settings.threads),
      equal: differences.isEmpty, steps: steps, sha256: request.receipt.result.images.sha256,
      notes: request.receipt.engineNote().map { [$0] } ?? [], differences: differences)
  }
}
