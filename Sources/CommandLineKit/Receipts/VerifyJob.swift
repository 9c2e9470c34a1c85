import DiffusionCore
import DiffusionTUI

/// What `verify` was asked for, read and checked.
public struct VerifyRequest: Sendable {
  /// The receipt's path.
  public let file: String
  /// The receipt.
  public let receipt: Receipt
  /// The model that was named, or nil for the receipt's.
  public let model: ModelReference?
  /// The receipt's settings, for the device that computes now.
  public let settings: RunSettings
  /// The tensors of the receipt's run, if they are at hand.
  public let reference: ReceiptTrace?
  /// How the result is printed.
  public let format: GenerateRequest.Format

  /// Finds the model: the one that was named, or the receipt's.
  ///
  /// - Parameter find: Finds a model, or throws ``DiffusionError``.
  /// - Throws: What `find` throws; where it misses the receipt's model, with the advice to name another place.
  public func source(_ find: (ModelReference) throws -> ModelSource) throws -> ModelSource {
    if let model { return try find(model) }
    do {
      return try find(ModelReference(receipt.model.id))
    } catch let error as DiffusionError where error.kind == .missingInput {
      let advice = "the receipt names it so: if it is elsewhere here, name that place after the receipt"
      throw DiffusionError(.missingInput, "\(error.message); \(advice)")
    }
  }
}

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
  /// - Parameter open: Opens the model, and gives what starts a run of it.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ open: () throws -> (RunSettings) throws -> any SteppableRun) throws -> VerifyReport {
    defer { progress.clear() }
    let changed = try request.receipt.changeDifference()
    if let difference = request.receipt.difference(from: model) { return report([changed, difference], steps: 0) }
    var run = try started(open())
    if let difference = try request.receipt.difference(from: run.schedulerRecord) {
      return report([changed, difference], steps: 0)
    }
    let difference = try walk(&run)
    return report([changed, difference], steps: run.completedSteps)
  }

  /// A run that cannot be started is one that the receipt should not ask for.
  private func started(_ start: (RunSettings) throws -> any SteppableRun) throws -> any SteppableRun {
    do {
      return try start(request.settings)
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
    var sample = run.initialSample
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
    return try receipt.difference(images: run.images(of: sample))
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

/// What `verify` found, as it prints it.
public struct VerifyReport: Encodable, Sendable, Equatable {
  /// The receipt's path.
  let receipt: String
  let model: String
  let engine: EngineReport
  /// Whether everything is as the receipt says.
  public let equal: Bool
  /// How many steps were run, the one that differs included.
  let steps: Int
  /// The SHA-256 of the receipt's images.
  let sha256: String
  /// What one should know beside, another engine version for one.
  let notes: [String]
  /// What differs, in the order it was found: changes of the receipt, then the first thing in which the run is another.
  public let differences: [ReceiptDifference]

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The report as lines.
  public var table: PrintedText {
    let lines: [PrintedText] =
      notes.map { "note: \($0)\n" } + differences.map { "differs: \($0.message)\n" }
      + (equal ? ["equal: \(steps) steps, final sha256 \(sha256)\n"] : [])
    return lines.joined()
  }
}
