import DiffusionCore
import DiffusionTUI
import Glibc

/// Does the cells of a sweep that are missing, and verifies those that are there.
public final class SweepJob {
  /// The largest number of images that take their steps together.
  static let imagesTogether = 32

  private let request: SweepRequest
  private let machine: ReceiptMachine?
  private let open: BatchModel.Open
  private let digests: (RunRequest) throws -> ReceiptModel?
  private let picture: SourcePicture.Open
  private let warn: ([String]) -> Void
  private let line: SweepProgressLine
  private let clock: ContinuousClock
  private let checkCancellation: @Sendable () throws -> Void

  private var runs: SweepRuns
  private var report: SweepReport
  private var progress: SweepProgress
  private var start: ContinuousClock.Instant
  private var opened: (run: RunRequest, record: ReceiptModel, variants: PipelineVariants)?
  /// The models of receipts, by the models' names.
  private var records = ModelRecords()
  /// The names of the models whose schedules were tried.
  private var tried: Set<[String]> = []

  /// Creates a job.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - machine: The machine, for the receipts.
  ///   - open: Opens a model.
  ///   - digests: The files of a model; nil where it is not on this machine, which a finished sweep does not need.
  ///   - picture: Reads a picture.
  ///   - warn: Shows lines that need attention.
  ///   - line: Shows the progress.
  ///   - checkCancellation: Called before every block of a model; may throw to stop.
  public init(
    request: SweepRequest, machine: ReceiptMachine?, open: @escaping BatchModel.Open,
    digests: @escaping (RunRequest) throws -> ReceiptModel?, picture: @escaping SourcePicture.Open,
    warn: @escaping ([String]) -> Void = { _ in }, line: SweepProgressLine,
    checkCancellation: @escaping @Sendable () throws -> Void
  ) {
    (self.request, self.machine, self.open) = (request, machine, open)
    runs = SweepRuns(request)
    (self.digests, self.picture) = (digests, picture)
    (self.warn, self.line, self.checkCancellation) = (warn, line, checkCancellation)
    clock = ContinuousClock()
    start = clock.now
    let cells = request.shard.range(of: request.folder.plan.count)
    report = SweepReport(folder: request.folder.path, plan: request.folder.plan, shard: request.shard, cells: cells)
    progress = SweepProgress(done: 0, cells: cells.count)
  }

  /// Does the shard.
  ///
  /// - Throws: ``DiffusionError``, or what `checkCancellation` throws. Finished cells stay, and another start goes on.
  public func run() throws -> SweepReport {
    defer { line.clear() }
    try prepare()
    let missing = try findMissing()
    progress.done = report.found
    do {
      try work(on: missing)
    } catch let error as CancellationError {
      line.clear()
      let there = report.found + report.made
      warn(["stopped with \(there) of \(report.cells.count) cells done: the same command does the others"])
      throw error
    }
    return report
  }

  /// Makes the folder with its plan; one that is there must have the same plan.
  private func prepare() throws {
    let folder = request.folder, path = "\(folder.path)/\(SweepFolder.planName)"
    try SweepFiles.makeFolder("\(folder.path)/cells")
    if FileAccess.kind(of: path) == nil {
      // Two processes may start at once: the first to link its plan wins, and the other compares.
      let own = "\(path).\(getpid()).new"
      try AtomicFile.write(folder.plan.json(), to: own)
      defer { unlink(own) }
      if link(own, path) != 0, errno != EEXIST {
        // Where there are no hard links.
        guard rename(own, path) == 0 else { throw SystemCall.failure(.cannotCreate, path, "cannot be created") }
      }
    }
    let former = try SweepFolder(opening: folder.path).plan
    guard let difference = folder.plan.difference(from: former) else { return }
    throw DiffusionError(
      .badData,
      "\(folder.path): the plan of this folder is another: \(difference); give the new plan a folder of its own "
        + "with --output")
  }

  /// Verifies the cells that are there.
  ///
  /// - Returns: The others, in order.
  private func findMissing() throws -> [Int] {
    var missing: [Int] = [], finished: [[String]: RunRequest] = [:]
    for (number, cell) in report.cells.enumerated() {
      try checkCancellation()
      if number % 1000 == 0 { line.note("checking cell \(number)/\(report.cells.count)") }
      let run = try runs.run(of: cell)
      if try isFinished(cell, run) {
        report.found += 1
        finished[run.modelKeys] = run
      } else {
        missing.append(cell)
      }
    }
    // The model of a missing cell is compared with the receipts as it is opened.
    if !finished.isEmpty {
      for cell in missing { finished[try runs.run(of: cell).modelKeys] = nil }
    }
    for run in finished.values {
      if let model = try digests(run) { try records.add(model, of: run, file: nil) }
    }
    return missing
  }

  /// Whether a cell is there, whole and of this plan; damaged files are said, and are to be made again.
  private func isFinished(_ cell: Int, _ run: RunRequest) throws -> Bool {
    do {
      guard let receipt = try request.folder.readReceipt(of: cell, run) else { return false }
      try SweepFiles.check(cell, receipt, in: request.folder)
      try records.add(receipt.model, of: run, file: request.folder.receipt(of: cell))
      if receipt.isNonFinite { report.nonFinite += 1 }
      return true
    } catch let damage as DamagedCell {
      line.clear()
      warn(["\(damage.message): cell \(cell) is made again"])
      return false
    }
  }
}

/// The work on missing cells.
extension SweepJob {
  private func work(on missing: [Int]) throws {
    let claims = SweepClaims(path: "\(request.folder.path)/claims")
    start = clock.now
    if !missing.isEmpty { line.showSteps(progress) }
    var rest = missing
    while !rest.isEmpty {
      let postponed = try pass(over: rest, claims)
      if postponed.count == rest.count {
        let process = postponed.count == 1 ? "a cell" : "\(postponed.count) cells"
        line.note("waiting for \(process) of another process")
        for _ in 0..<5 {
          try checkCancellation()
          usleep(100_000)
        }
      }
      rest = postponed
    }
  }

  /// Does the cells that no other process has.
  ///
  /// - Returns: Those that others have.
  private func pass(over cells: [Int], _ claims: SweepClaims) throws -> [Int] {
    var groups = RunGroups(), postponed: [Int] = []
    for cell in cells {
      try checkCancellation()
      groups.append(cell, try runs.run(of: cell), sharing: runs.sharedPlaces(of: cell))
    }
    let all = groups.all
    for (index, group) in all.enumerated() {
      try trySchedules(of: all[index...])
      var rest = group[...]
      while !rest.isEmpty {
        var taken: [Int] = []
        let limit = try cellsTogether(rest[rest.startIndex])
        while taken.count < limit, let cell = rest.popFirst() {
          guard claims.claim(cell) else {
            postponed.append(cell)
            continue
          }
          // Another process may have finished it since it was looked for.
          if try request.folder.hasReceipt(of: cell) && isFinished(cell, runs.run(of: cell)) {
            claims.release(cell)
            report.found += 1
            progress.done += 1
          } else {
            taken.append(cell)
          }
        }
        defer { for cell in taken { claims.release(cell) } }
        try run(taken)
      }
    }
    return postponed.sorted()
  }

  /// Refuses schedules that the model of the first group cannot have, before any of its cells is made.
  private func trySchedules(of groups: ArraySlice<[Int]>) throws {
    guard let first = groups.first?.first else { return }
    let keys = try runs.run(of: first).modelKeys
    guard tried.insert(keys).inserted else { return }
    for cell in groups.compactMap(\.first) {
      try checkCancellation()
      let run = try runs.run(of: cell)
      guard run.modelKeys == keys else { continue }
      try named(cell) { try model(of: run).current.checkSchedule(of: withUsualSteps(run).settings) }
    }
  }

  /// The number of cells like one that take their steps together.
  private func cellsTogether(_ cell: Int) throws -> Int {
    let run = try runs.run(of: cell)
    return try named(cell) { try model(of: run).runsInAPass(like: run.settings, limit: Self.imagesTogether) }
  }

  /// Makes cells in one batch.
  private func run(_ cells: [Int]) throws {
    guard !cells.isEmpty else { return }
    let runs = try cells.map { cell in
      try named(cell) {
        let run = try started(self.runs.run(of: cell))
        let heading = ReceiptHeading(
          model: run.record, programVersion: ProgramVersion.current, machine: machine)
        return (run.run, SweepRecorder(cell: cell, folder: request.folder, heading: heading))
      }
    }
    progress.batch = SweepProgress.Batch(cells: cells.count, steps: runs.map { $0.0.schedule.count }.max() ?? 0)
    showSteps(0)
    let results = try RunBatch.run(runs, progress: showSteps, check: checkCancellation)
    progress.batch = nil
    for (cell, result) in zip(cells, results) {
      let recorder = try named(cell) { try result.get() }
      report.made += 1
      if recorder.isNonFinite { report.nonFinite += 1 }
      (progress.done, progress.made) = (progress.done + 1, progress.made + 1)
    }
    progress.seconds = start.duration(to: clock.now) / .seconds(1)
    line.show(progress)
  }

  private func showSteps(_ taken: Int) {
    progress.batch?.step = taken
    progress.seconds = start.duration(to: clock.now) / .seconds(1)
    line.showSteps(progress)
  }

  private func started(_ request: RunRequest) throws -> (run: DenoisingRun, record: ReceiptModel) {
    let run = try withUsualSteps(request)
    let start: RunStart = try run.settings.initImage.map { .picture(try picture($0)) } ?? .noise
    var variants = try model(of: run)
    defer { opened?.variants = variants }
    return (try variants.passingRun(run.settings, from: start), opened?.record ?? ReceiptModel(id: "", files: []))
  }

  /// The run, with the steps that are usual for its scheduler where the plan states none.
  private func withUsualSteps(_ request: RunRequest) throws -> RunRequest {
    guard !self.request.folder.plan.states(.steps) else { return request }
    var run = request
    run.settings.steps = try model(of: run).current.schedulerSource.usualSteps(run.settings.scheduler)
    return run
  }

  /// The model of a run, which is opened if another one is.
  private func model(of run: RunRequest) throws -> PipelineVariants {
    if let opened, opened.run.modelKeys == run.modelKeys { return opened.variants }
    opened = nil
    line.note("opening \(run.model.name)")
    let model = try open(run), variants = PipelineVariants(model.pipeline)
    if !model.pipeline.warnings.isEmpty { line.clear() }
    warn(model.pipeline.warnings)
    try records.add(model.record, of: run, file: nil)
    opened = (run, model.record, variants)
    return variants
  }

  /// Names the cell in an error that does not name a file.
  private func named<Result>(_ cell: Int, _ work: () throws -> Result) throws -> Result {
    do {
      return try work()
    } catch let error as DiffusionError where error.kind == .usage || error.kind == .badData {
      let title = request.folder.plan.title(of: cell)
      throw DiffusionError(.badData, "cell \(cell) (\(title)): \(error.setting?.keyMessage ?? error.message)")
    }
  }
}
