import DiffusionCore
import Glibc

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

  /// Checks the files beside a receipt: that images have the receipt's pixels, and statistics its numbers.
  ///
  /// - Throws: ``DamagedCell``; ``DiffusionError`` for a file that cannot be read.
  static func check(_ cell: Int, _ receipt: Receipt, in folder: SweepFolder) throws {
    if folder.plan.output.statistics { try checkStatistics(cell, receipt, in: folder) }
    if folder.plan.output.images { try checkImages(cell, receipt, in: folder) }
  }

  /// Checks the statistics by their digest; receipts of former versions, which have none, by what they hold of them.
  private static func checkStatistics(_ cell: Int, _ receipt: Receipt, in folder: SweepFolder) throws {
    let path = folder.statistics(of: cell)
    guard FileAccess.kind(of: path) == .file else {
      throw DamagedCell(cell: cell, message: "\(path): missing, though there is a receipt")
    }
    let bytes = try FileAccess.read(path)
    let isWhole =
      receipt.result.statistics.map { $0 == ContentHash.sha256(ofFile: bytes) }
      ?? StepTable.isTable(bytes, of: receipt.result.steps)
    guard isWhole else {
      throw DamagedCell(cell: cell, message: "\(path): its statistics are not those that the receipt names")
    }
  }

  private static func checkImages(_ cell: Int, _ receipt: Receipt, in folder: SweepFolder) throws {
    let shape = receipt.result.images.shape, size = Array(shape.dropFirst().prefix(2))
    let count = shape.first ?? 0, digests = receipt.result.images.pixels ?? []
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
      guard found.pixelDigest == digest, [found.height, found.width] == size else {
        throw DamagedCell(cell: cell, message: "\(path): its pixels are not those that the receipt names")
      }
    }
  }
}

extension SourcePicture {
  /// The digest of its pixels, row by row.
  fileprivate var pixelDigest: String? {
    guard case .bits8(let bytes) = samples else { return nil }
    return ContentHash.sha256(ofFile: bytes)
  }
}

extension ContentHash {
  /// The SHA-256 of the contents of a file.
  static func sha256(ofFile bytes: [UInt8]) -> String { bytes.withUnsafeBytes { sha256($0) } }
}
