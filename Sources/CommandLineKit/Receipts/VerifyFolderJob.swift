import DiffusionCore
import DiffusionTUI

/// Repeats the runs of all receipts in a folder, those that share a model and a schedule in batches.
public final class VerifyFolderJob {
  /// What is found out about a run that takes its steps in a batch.
  private struct Follower: RunFollower {
    let receipt: ReceiptRun
    private(set) var difference: ReceiptDifference?

    init(_ receipt: Receipt) { self.receipt = ReceiptRun(receipt) }

    mutating func begin(_ run: DenoisingRun) -> Bool {
      difference = receipt.difference(
        timesteps: run.schedule.map(\.timestep), initialNoise: run.initialNoise, initialSample: run.initialSample)
      return difference == nil
    }

    mutating func record(_ step: DenoisingStep) -> Bool {
      difference = receipt.difference(step: step)
      return difference == nil
    }

    mutating func finish(_ images: Tensor<Float>) { difference = receipt.difference(images: images) }
  }

  private let request: VerifyFolderRequest
  private let open: BatchModel.Open
  private let picture: SourcePicture.Open
  private let line: SweepProgressLine
  private let checkCancellation: @Sendable () throws -> Void
  private let clock: ContinuousClock
  private var start: ContinuousClock.Instant
  private var report: VerifyFolderReport
  private var progress = SweepProgress(done: 0, cells: 0)
  private var failures: [[String]: DiffusionError] = [:]
  /// The folder that models are looked for in first, for the receipts of a folder.
  private var modelFolder: (of: String, found: String?)?
  private var opened: (run: RunRequest, record: ReceiptModel, variants: PipelineVariants)?

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - open: Opens a model.
  ///   - picture: Reads a picture.
  ///   - line: Shows the progress.
  ///   - checkCancellation: Called before every block of a model; may throw to stop.
  public init(
    request: VerifyFolderRequest, open: @escaping BatchModel.Open, picture: @escaping SourcePicture.Open,
    line: SweepProgressLine, checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    (self.request, self.open, self.picture, self.line) = (request, open, picture, line)
    self.checkCancellation = checkCancellation
    clock = ContinuousClock()
    start = clock.now
    report = VerifyFolderReport(request)
  }

  /// Verifies the receipts of the shard.
  ///
  /// - Throws: ``DiffusionError`` if there is no receipt, or a model cannot be opened; what `checkCancellation` throws.
  public func run() throws -> VerifyFolderReport {
    defer { line.clear() }
    let found = try ReceiptFiles.find(in: request.folder, check: checkCancellation)
    let files = Array(found[request.shard.range(of: found.count)])
    var groups = RunGroups()
    for (number, file) in files.enumerated() {
      try checkCancellation()
      if number % 100 == 0 { line.note("reading receipt \(number)/\(files.count)") }
      if let receipt = read(file) { groups.append(number, run(of: receipt, file)) }
    }
    guard !found.isEmpty, report.receipts > 0 || request.shard.isPart else {
      throw DiffusionError(
        .missingInput, "\(request.folder): there is no receipt in it: expected files that --receipt or sweep wrote")
    }
    progress = SweepProgress(done: 0, cells: report.receipts - report.differing.count, noun: "receipt")
    if progress.cells > 0 { line.showSteps(progress) }
    start = clock.now
    for group in groups.all {
      var rest = group.map { files[$0] }[...]
      while !rest.isEmpty {
        let count = try repeatRuns(of: rest)
        rest = rest.dropFirst(count)
        (progress.done, progress.made) = (progress.done + count, progress.made + count)
        progress.seconds = start.duration(to: clock.now) / .seconds(1)
        line.show(progress)
      }
    }
    return report
  }

  private func showSteps(_ taken: Int) {
    progress.batch?.step = taken
    progress.seconds = start.duration(to: clock.now) / .seconds(1)
    line.showSteps(progress)
  }

  /// Reads a receipt and checks its digests; nil for a damaged one, which is reported, and for another file.
  private func read(_ file: String) -> Receipt? {
    var isCounted = false
    do {
      let bytes = try FileAccess.readText(file)
      guard try Receipt.isKindOfReceipt(bytes, source: file) else {
        report.others += 1
        return nil
      }
      report.receipts += 1
      isCounted = true
      let receipt = try Receipt(json: bytes, source: file)
      report.add(receipt, file)
      guard let change = try receipt.changeDifference() else { return receipt }
      report.add(change, file)
    } catch {
      report.receipts += isCounted ? 0 : 1
      report.add(ReceiptDifference(.receipt, message: "\(error)"), file)
    }
    return nil
  }

  private func run(of receipt: Receipt, _ file: String) -> RunRequest {
    let folder = FileAccess.parent(of: file)
    // The receipts of a folder are of one sweep, whose plan may be long.
    if modelFolder?.of != folder { modelFolder = (folder, SweepFolder.modelFolder(ofReceipt: file)) }
    return request.places.run(of: receipt, beside: modelFolder?.found)
  }

  /// Repeats the runs of the first receipts of a group.
  ///
  /// - Returns: Their number, at least 1.
  private func repeatRuns(of files: ArraySlice<String>) throws -> Int {
    guard let first = files.first else { return 0 }
    let count = try limit(first)
    var runs: [(file: String, run: DenoisingRun, follower: Follower)] = []
    for file in files.prefix(count) {
      let receipt = try Receipt(contentsOf: file)
      do {
        if let difference = receipt.difference(from: try model(of: run(of: receipt, file)).record) {
          throw Refusal(difference: difference)
        }
        runs.append((file, try started(receipt, file), Follower(receipt)))
      } catch let refusal as Refusal {
        report.add(refusal.difference, file)
      } catch let error as DiffusionError where Self.ofOneReceipt.contains(error.kind) {
        let isOfModel = failures[run(of: receipt, file).modelKeys] == error
        report.add(ReceiptDifference(.receipt, message: error.message), file, isOfModel: isOfModel)
      }
    }
    progress.batch = SweepProgress.Batch(cells: runs.count, steps: runs.map(\.run.schedule.count).max() ?? 0)
    defer { progress.batch = nil }
    if !runs.isEmpty { showSteps(0) }
    let results = try RunBatch.run(
      runs.map { ($0.run, $0.follower) }, progress: showSteps, check: checkCancellation)
    for (entry, result) in zip(runs, results) {
      if let difference = try result.get().difference { report.add(difference, entry.file) }
    }
    return min(count, files.count)
  }

  /// The number of receipts like one whose runs take their steps together.
  private func limit(_ file: String) throws -> Int {
    let run = run(of: try Receipt(contentsOf: file), file)
    do {
      return try model(of: run).variants.runsInAPass(like: run.settings, limit: SweepJob.imagesTogether)
    } catch let error as DiffusionError where error.kind != .unavailable {
      // What the model refuses is reported for each receipt.
      return 1
    }
  }

  /// Errors that are those of a receipt, so that the others go on.
  private static let ofOneReceipt: [DiffusionError.Kind] = [.usage, .badData, .missingInput, .inputOutput]

  /// A receipt whose run is not started, since its results could not be compared.
  private struct Refusal: Error {
    let difference: ReceiptDifference
  }

  private func started(_ receipt: Receipt, _ file: String) throws -> DenoisingRun {
    let run = run(of: receipt, file)
    var start = RunStart.noise
    if let record = receipt.picture {
      let found = try picture(VerifyOptions.picture(record, beside: file))
      if let difference = receipt.difference(from: found.record) { throw Refusal(difference: difference) }
      start = .picture(found)
    }
    var variants = try model(of: run).variants
    defer { opened?.variants = variants }
    let scheduler = ReceiptScheduler(try variants.current.firstScheduler(for: run.settings))
    if let difference = try receipt.difference(from: scheduler) { throw Refusal(difference: difference) }
    return try variants.passingRun(run.settings, from: start)
  }

  /// The model of a run, which is opened if another one is.
  private func model(of run: RunRequest) throws -> (record: ReceiptModel, variants: PipelineVariants) {
    if let opened, opened.run.modelKeys == run.modelKeys, opened.run.settings.weights == run.settings.weights {
      return (opened.record, opened.variants)
    }
    if let failure = failures[run.modelKeys] { throw failure }
    opened = nil
    line.note("opening \(run.model.name)")
    do {
      let model = try open(run), variants = PipelineVariants(model.pipeline)
      opened = (run, model.record, variants)
      return (model.record, variants)
    } catch let error as DiffusionError where Self.ofOneReceipt.contains(error.kind) {
      // A model that is not there is looked for once.
      failures[run.modelKeys] = error
      throw error
    }
  }
}
