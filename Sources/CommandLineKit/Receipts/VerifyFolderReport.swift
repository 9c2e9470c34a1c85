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
    /// Whether it is one of the model, which all receipts of the model have.
    let isOfModel: Bool

    private enum CodingKeys: String, CodingKey { case receipt, difference }
  }

  /// The path of the folder.
  let folder: String
  /// The shard in words; nil for all.
  let shard: String?
  /// The number of receipts, and of files of JSON that are none.
  package internal(set) var receipts = 0, others = 0
  private var found: [Entry] = []
  /// Who made the receipts.
  private var makers = MakerList()
  /// What is to be said of receipts that need not differ.
  private var notes: ReceiptNotes
  /// Who verified them.
  let engine: EngineReport
  private let device: String

  init(_ request: VerifyFolderRequest) {
    folder = request.folder
    shard = request.shard.isPart || request.shard.origin != nil ? request.shard.text : nil
    let computer = request.places.computer
    device = computer.device.description
    engine = EngineReport(
      version: EngineVersion.current, isa: computer.device.instructionSet, threads: computer.threads,
      demonstration: computer.device.demonstration, device: device)
    notes = ReceiptNotes(computer.device.demonstrationNote(threads: computer.threads))
  }

  private enum CodingKeys: String, CodingKey {
    case folder, shard, receipts, equal, differences, engine, makers, notes
    case madeBy = "made_by"
  }

  /// Whether everything equals the receipts.
  public var equal: Bool { found.isEmpty }

  /// The receipts that differ, by their paths.
  package var differing: [Entry] { found.sorted { $0.receipt < $1.receipt } }

  /// Adds what differs from a receipt.
  ///
  /// - Parameters:
  ///   - difference: The difference.
  ///   - file: The receipt's path.
  ///   - isOfModel: Whether all receipts of the model have it.
  mutating func add(_ difference: ReceiptDifference, _ file: String, isOfModel: Bool = false) {
    found.append(Entry(receipt: file, difference: difference, isOfModel: isOfModel || difference.place == .model))
  }

  /// Adds who made a receipt, and what is to be said of that.
  mutating func add(_ receipt: Receipt, _ file: String) {
    makers.add(receipt)
    for note in [receipt.engineNote(), receipt.demonstrationNote].compactMap({ $0 }) { notes.add(note, file) }
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
    try container.encode(makers.entries, forKey: .makers)
    try container.encode(notes.lines, forKey: .notes)
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
    let noted = notes.lines.map { "note: \($0)\n" as PrintedText }.joined()
    let lines = differences.map { "differs: \($0)\n" as PrintedText }.joined()
    let count = receipts - found.count
    let odd: PrintedText = others > 0 ? "\(others) other JSON file\(others == 1 ? "" : "s") left out\n" : ""
    return "\(noted)\(lines)equal: \(count) of \(receipts) receipts in \(folder)\n\(odd)\(makers.text)"
      + "verified with \(engine.text(device: device)), engine \(engine.version)\n"
  }
  /// A line for each difference, by the paths; one for all receipts of a model that differs or is missing.
  private var differences: [String] {
    var files: [(message: String, files: [String])] = [], places: [String: Int] = [:]
    for entry in differing {
      // What is wrong with the file itself names it.
      let path = "\(entry.receipt): ", whole = entry.difference.message
      let message = whole.hasPrefix(path) ? String(whole.dropFirst(path.count)) : whole
      if entry.isOfModel, let place = places[message] {
        files[place].files.append(entry.receipt)
      } else {
        if entry.isOfModel { places[message] = files.count }
        files.append((message, [entry.receipt]))
      }
    }
    return files.map { ReceiptNotes.line($0.message, first: $0.files[0], count: $0.files.count) }
  }
}

/// Notes about receipts, each once, with the first receipt that it is about and their number.
struct ReceiptNotes: Sendable {
  private let ofCheck: String?
  private var notes: [(text: String, first: String, count: Int)] = []
  private var places: [String: Int] = [:]

  /// Creates a list.
  ///
  /// - Parameter ofCheck: A note about the check as a whole.
  init(_ ofCheck: String?) { self.ofCheck = ofCheck }

  /// Adds a note about a receipt.
  mutating func add(_ note: String, _ file: String) {
    if let place = places[note] {
      notes[place].count += 1
    } else {
      places[note] = notes.count
      notes.append((note, file, 1))
    }
  }

  /// The notes as lines, in the order they were added.
  var lines: [String] {
    [ofCheck].compactMap { $0 } + notes.map { Self.line($0.text, first: $0.first, count: $0.count) }
  }

  /// What holds for some receipts: `faces/cells/00/0000.json and 399 others: the model is missing`.
  static func line(_ text: String, first: String, count: Int) -> String {
    let others = count == 1 ? "" : " and \(count - 1) other\(count == 2 ? "" : "s")"
    return "\(first)\(others): \(text)"
  }
}
