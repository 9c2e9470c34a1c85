import DiffusionCore
import DiffusionTUI

/// The result of `verify` for a folder, as printed.
public struct VerifyFolderReport: Encodable, Sendable {
  /// What differs from one receipt.
  package struct Entry: Encodable, Sendable, Equatable {
    /// Its path.
    package let receipt: String
    /// The first thing that differs.
    package let difference: ReceiptDifference
  }

  /// The path of the folder.
  let folder: String
  /// The shard in words; nil for all.
  let shard: String?
  /// The number of receipts, and of files of JSON that are none.
  package internal(set) var receipts = 0, others = 0
  /// The receipts that differ, in the order they were found to.
  package private(set) var differing: [Entry] = []
  /// Who made the receipts.
  var makers = MakerList()
  /// Who verified them.
  let engine: EngineReport
  private let device: String

  init(_ request: VerifyFolderRequest) {
    folder = request.folder
    shard = request.shard.isPart || request.shard.origin != nil ? request.shard.text : nil
    let computer = request.places.computer
    engine = EngineReport(version: EngineVersion.current, device: computer.device, threads: computer.threads)
    device = computer.device.description
  }

  private enum CodingKeys: String, CodingKey {
    case folder, shard, receipts, equal, differences, engine
    case madeBy = "made_by"
  }

  /// Whether everything equals the receipts.
  public var equal: Bool { differing.isEmpty }

  /// Adds what differs from a receipt.
  mutating func add(_ difference: ReceiptDifference, _ file: String) {
    differing.append(Entry(receipt: file, difference: difference))
  }

  /// Encodes the counts, the differences, and who took part.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(folder, forKey: .folder)
    try container.encodeIfPresent(shard, forKey: .shard)
    try container.encode(receipts, forKey: .receipts)
    try container.encode(equal, forKey: .equal)
    try container.encode(differing, forKey: .differences)
    try container.encode(makers.lines, forKey: .madeBy)
    try container.encode(engine, forKey: .engine)
  }

  /// The report as one JSON object.
  public func json() throws -> PrintedText { try JSONReport.text(self) }

  /// The first line, before any work; empty for all receipts.
  public static func heading(_ request: VerifyFolderRequest) -> PrintedText {
    request.shard.isPart || request.shard.origin != nil ? "\(request.shard.text)\n" : ""
  }

  /// The report as lines.
  public var table: PrintedText {
    let lines = differing.map { "differs: \($0.receipt): \($0.difference.message)\n" as PrintedText }.joined()
    let count = receipts - differing.count
    let odd: PrintedText = others > 0 ? "\(others) other JSON file\(others == 1 ? "" : "s") left out\n" : ""
    return "\(lines)equal: \(count) of \(receipts) receipts in \(folder)\n\(odd)\(makers.text)"
      + "verified with \(engine.text(device: device)), engine \(engine.version)\n"
  }
}
