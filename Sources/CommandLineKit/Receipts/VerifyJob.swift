import DiffusionCore
import DiffusionTUI

/// A request of `verify`, read and checked.
public struct VerifyRequest: Sendable {
  /// The receipt's path.
  public let file: String
  /// The receipt.
  public let receipt: Receipt
  /// A line for each key of the receipt that occurs again.
  public let warnings: [String]
  /// The model named, or the receipt's.
  public let model: ModelReference
  /// Whether the model and the refiner were named, and are not the receipt's.
  let namesModel: Bool, namesRefiner: Bool
  /// The picture that the run starts from, as it was found; nil for noise alone.
  public let picture: PictureReference?
  /// The receipt's settings, with the device and threads to use now, and with the refiner where it is now.
  public let settings: RunSettings
  /// The tensors of the receipt's run, if available.
  public let reference: ReceiptTrace?
  /// The format of the output.
  public let format: GenerateRequest.Format

  /// What the run starts from.
  ///
  /// - Parameter open: Reads a picture, or throws ``DiffusionError``.
  /// - Throws: What `open` throws; if the receipt's picture is missing, with the advice to name its location.
  public func start(_ open: SourcePicture.Open) throws -> RunStart {
    guard let picture else { return .noise }
    do {
      return .picture(try open(picture))
    } catch let error as DiffusionError where error.kind == .missingInput && picture.name == receipt.picture?.name {
      let advice = "the receipt names it; if it is elsewhere on this machine, give its location with --image"
      throw DiffusionError(.missingInput, "\(error.message); \(advice)")
    }
  }

  /// Locates the model with its refiner: those named, or the receipt's.
  ///
  /// - Parameter find: Locates a model, or throws ``DiffusionError``.
  /// - Throws: What `find` throws; if one of the receipt's is missing, with the advice to name its location.
  public func source(_ find: (ModelReference) throws -> ModelSource) throws -> ModelSource {
    func found(_ model: ModelReference, isNamed: Bool, _ advice: String) throws -> ModelSource {
      do {
        return try find(model)
      } catch let error as DiffusionError where error.kind == .missingInput && !isNamed {
        throw DiffusionError(
          .missingInput,
          "\(error.message); the receipt names it; if it is elsewhere on this machine, give its location \(advice)")
      }
    }
    return try found(model, isNamed: namesModel, "after the receipt").refined(for: settings) {
      try found($0, isNamed: namesRefiner, "with --refiner")
    }
  }
}

/// Repeats the run of a receipt, up to the first difference.
public struct VerifyJob: Sendable {
  /// A model that was opened to repeat a run.
  public struct Opened {
    let scheduler: (RunSettings) throws -> ReceiptScheduler
    let start: (RunSettings) throws -> any SteppableRun

    /// Creates a model.
    ///
    /// - Parameters:
    ///   - scheduler: Makes the scheduler of some settings, before anything is drawn.
    ///   - start: Starts a run of them.
    public init(
      scheduler: @escaping (RunSettings) throws -> ReceiptScheduler,
      start: @escaping (RunSettings) throws -> any SteppableRun
    ) {
      (self.scheduler, self.start) = (scheduler, start)
    }
  }

  private let request: VerifyRequest
  private let model: ReceiptModel
  private let picture: PictureRecord?
  private let progress: ProgressLine
  private let checkCancellation: @Sendable () throws -> Void

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - model: The model found, with the digest of each of its files.
  ///   - picture: The picture found; nil for noise alone.
  ///   - progress: The line that shows the progress of the steps.
  ///   - checkCancellation: Called before every block of the model; may throw to stop.
  public init(
    request: VerifyRequest, model: ReceiptModel, picture: PictureRecord? = nil, progress: ProgressLine,
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    self.request = request
    self.model = model
    self.picture = picture
    self.progress = progress
    self.checkCancellation = checkCancellation
  }

  /// Compares with the receipt. A different model or picture is not run, since its results could not be compared, nor
  /// is a different scheduler, which the receipt's steps may not suit.
  ///
  /// - Parameter open: Opens the model.
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws.
  public func run(_ open: () throws -> Opened) throws -> VerifyReport {
    defer { progress.clear() }
    let changed = try request.receipt.changeDifference()
    if let difference = request.receipt.difference(from: model) { return report([changed, difference], steps: 0) }
    if let difference = request.receipt.difference(from: picture) { return report([changed, difference], steps: 0) }
    let opened = try open()
    if let difference = try request.receipt.difference(from: making(opened.scheduler)) {
      return report([changed, difference], steps: 0)
    }
    var run = try making(opened.start)
    let difference = try walk(&run)
    return report([changed, difference], steps: run.completedSteps)
  }

  /// Makes something of the receipt's settings; a failure means that they are invalid.
  private func making<Result>(_ make: (RunSettings) throws -> Result) throws -> Result {
    do {
      return try make(request.settings)
    } catch let error as DiffusionError where error.kind == .usage {
      throw DiffusionError(.badData, "\(request.file): settings: \(error.message)")
    }
  }

  private func walk(_ run: inout any SteppableRun) throws -> ReceiptDifference? {
    let check = checkCancellation, total = run.schedule.count
    let receipt = ReceiptRun(request.receipt, reference: request.reference)
    let timesteps = run.schedule.map(\.timestep)
    let found = receipt.difference(
      timesteps: timesteps, initialNoise: run.initialNoise, initialSample: run.initialSample)
    if let found { return found }
    var sample = run.initialSample
    var state = RunProgress(steps: total)
    progress.show(state)
    while run.completedSteps < total {
      try check()
      let step = try run.step { _ in try check() }
      if let difference = receipt.difference(step: step) { return difference }
      sample = step.prevSample
      state.append(step)
      progress.show(state)
    }
    return try receipt.difference(images: run.images(of: sample) { _ in try check() })
  }

  private func report(_ found: [ReceiptDifference?], steps: Int) -> VerifyReport {
    let differences = found.compactMap { $0 }, device = request.settings.device
    return VerifyReport(
      receipt: request.file, model: model.id,
      engine: EngineReport(
        version: EngineVersion.current, device: device, threads: request.settings.threads),
      equal: differences.isEmpty, steps: steps, sha256: request.receipt.result.images.sha256,
      notes: [request.receipt.engineNote()].compactMap { $0 }
        + request.receipt.demonstrationNotes(device: device, threads: request.settings.threads),
      differences: differences)
  }
}

/// The result of `verify`, as printed.
public struct VerifyReport: Encodable, Sendable, Equatable {
  /// The receipt's path.
  let receipt: String
  let model: String
  let engine: EngineReport
  /// Whether everything equals the receipt.
  public let equal: Bool
  /// The number of steps run, including the one that differs.
  let steps: Int
  /// The SHA-256 of the receipt's images.
  let sha256: String
  /// Notes, for example about a different engine version.
  let notes: [String]
  /// The differences in the order found: changes of the receipt, then the first difference of the run.
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
