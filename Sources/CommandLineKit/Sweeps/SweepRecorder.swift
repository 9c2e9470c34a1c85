import DiffusionCore

/// Writes the files of a cell when its run is finished: images and statistics first, the receipt last, so that a cell
/// with a receipt is whole.
struct SweepRecorder: RunFollower {
  /// The cell.
  let cell: Int
  private let folder: SweepFolder
  private let heading: ReceiptHeading
  private var receipt: ReceiptRecorder?
  private var table: StepTable?
  private var schedule: [UpdateTerms] = []
  /// Whether its images have a NaN or an infinity.
  private(set) var isNonFinite = false

  /// Creates a recorder of a cell.
  init(cell: Int, folder: SweepFolder, heading: ReceiptHeading) {
    (self.cell, self.folder, self.heading) = (cell, folder, heading)
  }

  mutating func begin(_ run: DenoisingRun) -> Bool {
    receipt = ReceiptRecorder(
      heading, scheduler: run.schedulerRecord, settings: run.settings, initialNoise: run.initialNoise,
      picture: run.picture, initialSample: run.initialSample)
    if folder.plan.output.statistics { table = StepTable(stages: run.stages) }
    schedule = run.schedule
    return true
  }

  mutating func record(_ step: DenoisingStep) -> Bool {
    receipt?.record(step)
    if schedule.indices.contains(step.index) { table?.append(step, at: schedule[step.index]) }
    return true
  }

  mutating func finish(_ images: Tensor<Float>) throws {
    guard let receipt else { return }
    try SweepFiles.makeFolder(folder.folder(of: cell))
    let count = images.shape.first ?? 0
    var digests: [String]?
    if folder.plan.output.images {
      let paths = folder.images(of: cell, count: count)
      digests = try paths.enumerated().map { index, path in
        let pixels = try PNGFile.pixels(of: images, index: index, named: path)
        try AtomicFile.writeUnsynced(pixels.png(named: path), to: path)
        return pixels.sha256
      }
    }
    let statistics = try table.map { table in
      let bytes = Array(table.text.utf8)
      try AtomicFile.writeUnsynced(bytes, to: folder.statistics(of: cell))
      return ContentHash.sha256(ofFile: bytes)
    }
    let result = try receipt.receipt(images: images, pixels: digests, statistics: statistics)
    isNonFinite = result.isNonFinite
    try AtomicFile.writeUnsynced(result.json(), to: folder.receipt(of: cell))
  }
}
