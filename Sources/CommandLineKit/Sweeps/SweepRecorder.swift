import DiffusionCore
import Glibc

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
    if let table { try AtomicFile.writeUnsynced(Array(table.text.utf8), to: folder.statistics(of: cell)) }
    let result = try receipt.receipt(images: images, pixels: digests)
    isNonFinite = result.isNonFinite
    try AtomicFile.writeUnsynced(result.json(), to: folder.receipt(of: cell))
  }
}

/// The folders and files of a sweep, as they are made and checked.
enum SweepFiles {
  /// Makes a folder and those around it.
  ///
  /// - Throws: ``DiffusionError`` (`cannotCreate`).
  static func makeFolder(_ path: String) throws {
    if SystemCall.isFolder(path) || mkdir(path, 0o777) == 0 || errno == EEXIST && SystemCall.isFolder(path) { return }
    if errno == ENOENT, OutputPath.folder(of: path) != path {
      try makeFolder(OutputPath.folder(of: path))
      if mkdir(path, 0o777) == 0 || errno == EEXIST { return }
    }
    throw SystemCall.failure(.cannotCreate, path, "cannot be created")
  }

  /// Checks the files beside a receipt: that they are there, and that images have the receipt's pixels.
  ///
  /// - Throws: ``DamagedCell``.
  static func check(_ cell: Int, _ receipt: Receipt, in folder: SweepFolder) throws {
    if folder.plan.output.statistics, FileAccess.kind(of: folder.statistics(of: cell)) != .file {
      throw DamagedCell(cell: cell, message: "\(folder.statistics(of: cell)): missing, though there is a receipt")
    }
    guard folder.plan.output.images else { return }
    let count = receipt.result.images.shape.first ?? 0, digests = receipt.result.images.pixels ?? []
    guard digests.count == count else {
      throw DamagedCell(
        cell: cell, message: "\(folder.receipt(of: cell)): it names \(digests.count) images, its run has \(count)")
    }
    for (path, digest) in zip(folder.images(of: cell, count: count), digests) {
      let found: SourcePicture
      do {
        found = try PictureFiles.read(path)
      } catch let error as DiffusionError where [.missingInput, .badData].contains(error.kind) {
        throw DamagedCell(cell: cell, message: error.message)
      }
      guard found.pixelDigest == digest else {
        throw DamagedCell(cell: cell, message: "\(path): its pixels are not those that the receipt names")
      }
    }
  }
}

extension SourcePicture {
  /// The digest of its pixels, row by row.
  fileprivate var pixelDigest: String? {
    guard case .bits8(let bytes) = samples else { return nil }
    return bytes.withUnsafeBytes { ContentHash.sha256($0) }
  }
}
