import DiffusionCore
import DiffusionTUI

/// A request of `sweep merge`, read and checked.
public struct SweepMergeRequest: Sendable {
  /// The folders, of one plan.
  let folders: [SweepFolder]
  /// The folder for the table and the sheet.
  let output: String
  /// The arrangement of the sheet; nil for no sheet.
  let grid: SweepGrid?
  /// Whether cells may be missing.
  let allowsMissing: Bool
}

/// Checks the receipts of a sweep, from one folder or several, and joins them in a table and a contact sheet.
public struct SweepMerge {
  /// A cell with its receipt.
  struct Entry {
    let cell: Int
    let receipt: Receipt
    let folder: SweepFolder
  }

  private let request: SweepMergeRequest
  private let warn: ([String]) -> Void
  private let line: SweepProgressLine
  private let checkCancellation: () throws -> Void

  /// Creates a merge.
  ///
  /// - Parameters:
  ///   - request: The request.
  ///   - warn: Shows lines that need attention.
  ///   - line: Shows the progress.
  ///   - checkCancellation: Called before each cell; may throw to stop.
  public init(
    request: SweepMergeRequest, warn: @escaping ([String]) -> Void = { _ in }, line: SweepProgressLine,
    checkCancellation: @escaping () throws -> Void = {}
  ) {
    (self.request, self.warn, self.line, self.checkCancellation) = (request, warn, line, checkCancellation)
  }

  /// Merges.
  ///
  /// - Throws: ``DiffusionError``: `badData` for a file that is damaged or contradicts another, `missingInput` for
  ///   missing cells, and those of writing.
  public func run() throws -> SweepMergeReport {
    defer { line.clear() }
    guard let plan = request.folders.first?.plan else { throw DiffusionError(.usage, "no folder is named") }
    var table = SweepTable(plan), makers = MakerList(), records = ModelRecords()
    var missing: [Int] = [], images: [Int: String] = [:], nonFinite: Set<Int> = [], repeated = 0
    let base = RunRequest(settings: RunSettings(threads: 1)), settings = Setting.all.filter(\.decidesResult)
    for cell in plan.cells {
      try checkCancellation()
      if cell % 100 == 0 { line.note("checking cell \(cell)/\(plan.count)") }
      let run = try plan.request(of: cell, base: base, settings), found = try entries(of: cell, run)
      guard let first = found.first else {
        missing.append(cell)
        continue
      }
      for other in found.dropFirst() { try Self.compare(first, other) }
      for entry in found {
        try records.add(entry.receipt.model, of: run, file: entry.folder.receipt(of: cell))
        makers.add(entry.receipt)
      }
      repeated += found.count - 1
      table.append(cell, first.receipt)
      if first.receipt.isNonFinite { nonFinite.insert(cell) }
      images[cell] = first.folder.image(0, of: cell, count: first.receipt.result.images.shape.first ?? 0)
    }
    try refuse(missing, plan)
    line.clear()
    warn(makers.warnings)
    let files = try write(table, images, nonFinite)
    return SweepMergeReport(
      cells: plan.count - missing.count, total: plan.count, folders: request.folders.count, repeated: repeated,
      makers: makers, files: files)
  }

  /// The receipts of a cell, one for each folder that has it, with everything about them checked.
  private func entries(of cell: Int, _ run: RunRequest) throws -> [Entry] {
    try request.folders.compactMap { folder in
      do {
        guard let receipt = try folder.readReceipt(of: cell, run) else { return nil }
        try SweepFiles.check(cell, receipt, in: folder)
        return Entry(cell: cell, receipt: receipt, folder: folder)
      } catch let damage as DamagedCell {
        throw DiffusionError(
          .badData, "\(damage.message); start the sweep of \(folder.path) again, which makes cell \(cell) anew")
      }
    }
  }

  /// Refuses two receipts of one cell that contradict each other.
  private static func compare(_ first: Entry, _ other: Entry) throws {
    let (one, two) = (first.receipt, other.receipt)
    var difference = one.result.difference(from: two.result)
    if one.settings != two.settings {
      difference = "the settings differ"
    } else if one.scheduler != two.scheduler {
      difference = "the scheduler differs"
    } else if one.picture?.sha256 != two.picture?.sha256 {
      difference = "the picture differs"
    }
    guard let difference else { return }
    throw DiffusionError(
      .badData,
      "\(other.folder.receipt(of: other.cell)): contradicts \(first.folder.receipt(of: first.cell)): \(difference); "
        + "it was made by \(Maker(two).text), the other one by \(Maker(one).text); "
        + "verify both, and remove the wrong one")
  }

  private func refuse(_ missing: [Int], _ plan: SweepPlan) throws {
    guard let first = missing.first, !request.allowsMissing || missing.count == plan.count else { return }
    throw DiffusionError(
      .missingInput,
      "\(missing.count) of \(plan.count) cells are missing, the first is \(first) (\(plan.title(of: first))): start "
        + "the sweep again" + (missing.count == plan.count ? "" : ", or take those that are there with --partial"))
  }

  private func write(_ table: SweepTable, _ images: [Int: String], _ nonFinite: Set<Int>) throws -> [String] {
    try SweepFiles.makeFolder(request.output)
    var files = [("table.csv", Array(table.csv.utf8)), ("table.json", try Array(table.json().text.utf8))]
    if let grid = request.grid, grid.plan.output.images {
      line.note("drawing the sheet")
      let sheet = try SweepSheet(grid, images: images, nonFinite: nonFinite, checkCancellation: checkCancellation)
      files.append(("sheet.png", try sheet.png()))
    }
    return try files.map { name, bytes in
      let path = "\(request.output)/\(name)"
      try AtomicFile.write(bytes, to: path)
      return path
    }
  }
}

extension ReceiptResult {
  /// What differs from the result of another receipt of the same run: hashes alone, because NaN is not equal to itself.
  fileprivate func difference(from other: ReceiptResult) -> String? {
    if images.sha256 != other.images.sha256 || images.shape != other.images.shape {
      return "the images are \(other.images.sha256), there \(images.sha256)"
    }
    if images.pixels != other.images.pixels { return "the pixels of the image files differ" }
    if initialNoise != other.initialNoise { return "the initial noise differs" }
    if initialSample != other.initialSample { return "the picture with noise added differs" }
    if steps.count != other.steps.count { return "it has \(other.steps.count) steps, not \(steps.count)" }
    return zip(steps, other.steps).first { !$0.hasBits(of: $1) }.map { "step \($1.index) differs" }
  }
}

extension ReceiptStep {
  fileprivate func hasBits(of other: ReceiptStep) -> Bool {
    index == other.index && (timestep == other.timestep || timestep.isNaN && other.timestep.isNaN)
      && modelOutput == other.modelOutput && prevSample == other.prevSample
  }
}

/// The result of `sweep merge`, as printed.
public struct SweepMergeReport: Sendable {
  let cells: Int, total: Int, folders: Int
  /// The number of receipts beyond one for each cell, all equal to it.
  let repeated: Int
  let makers: MakerList
  let files: [String]

  /// The lines.
  public var text: PrintedText {
    let more = repeated > 0 ? ", \(repeated) of them more than once, and equal" : ""
    let what = "\(cells) of \(total) cells from \(folders) folder\(folders == 1 ? "" : "s")\(more)"
    let written = files.map { "wrote \($0)\n" as PrintedText }.joined()
    return "\(what)\n\(makers.text)\(written)"
  }
}
