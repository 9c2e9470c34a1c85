/// The folder of a sweep: its plan, and a receipt with its images for each finished cell.
///
/// ```
/// plan.json                   the plan, as the first start read it
/// cells/0041/004103.json      the receipt of cell 4103
/// cells/0041/004103.png       its image; 004103-0.png, 004103-1.png, ... for a batch
/// cells/0041/004103.csv       the statistics of its steps
/// ```
public struct SweepFolder: Sendable, Equatable {
  /// The path of the folder.
  public let path: String
  /// The plan.
  public let plan: SweepPlan
  /// The digits of the cells' names.
  private let digits: Int
  /// The number of cells whose files share a folder: few enough to be listed quickly.
  private static let cellsInFolder = 100

  /// The name of the plan's file.
  public static let planName = "plan.json"

  /// Creates the folder of a plan; nothing is written.
  public init(path: String, plan: SweepPlan) {
    (self.path, self.plan) = (path, plan)
    digits = max(4, "\(plan.count - 1)".count)
  }

  /// Opens a folder.
  ///
  /// - Throws: ``DiffusionError``: `missingInput` if it has no plan, `badData` if that is damaged.
  public init(opening path: String) throws {
    let file = "\(path)/\(Self.planName)"
    guard FileAccess.kind(of: file) == .file else {
      throw DiffusionError(
        .missingInput, "\(path): not the folder of a sweep: there is no \(Self.planName); name what --output named")
    }
    self.init(path: path, plan: try SweepPlan(json: FileAccess.read(file), source: file))
  }

  /// The path of a cell's files without their endings.
  private func stem(_ cell: Int) -> String { "\(folder(of: cell))/\(Self.padded(cell, digits))" }

  /// The folder with a cell's files.
  package func folder(of cell: Int) -> String {
    "\(path)/cells/\(Self.padded(cell / Self.cellsInFolder, digits - 2))"
  }

  private static func padded(_ number: Int, _ digits: Int) -> String {
    String(repeating: "0", count: max(0, digits - "\(number)".count)) + "\(number)"
  }

  /// The receipt of a cell.
  public func receipt(of cell: Int) -> String { "\(stem(cell)).json" }

  /// The images of a cell, as many as its batch has.
  public func images(of cell: Int, count: Int) -> [String] {
    (0..<count).map { image($0, of: cell, count: count) }
  }

  /// One of the images of a cell.
  package func image(_ index: Int, of cell: Int, count: Int) -> String {
    "\(stem(cell))\(count == 1 ? "" : "-\(index)").png"
  }

  /// The first image of a cell, whatever its batch.
  package func firstImage(of cell: Int) -> String {
    let alone = "\(stem(cell)).png"
    return FileAccess.kind(of: alone) == nil ? "\(stem(cell))-0.png" : alone
  }

  /// The statistics of a cell's steps.
  public func statistics(of cell: Int) -> String { "\(stem(cell)).csv" }

  /// Whether a cell is finished, as far as the names of files tell: its receipt is written last.
  public func hasReceipt(of cell: Int) -> Bool { FileAccess.kind(of: receipt(of: cell)) == .file }

  /// The cells that have a receipt, in order. It lists folders, and opens no file.
  public func finishedCells() -> [Int] {
    let ending = ".json"
    return FileAccess.names(in: "\(path)/cells").flatMap { folder in
      FileAccess.names(in: "\(path)/cells/\(folder)").compactMap { name in
        guard name.hasSuffix(ending), let cell = Int(name.dropLast(ending.count)), plan.cells.contains(cell),
          receipt(of: cell) == "\(path)/cells/\(folder)/\(name)"
        else { return nil }
        return cell
      }
    }
  }

  /// The folder that the models of a receipt are looked for in first: that of the plan, for a receipt of a sweep.
  ///
  /// - Parameter receipt: The path of the receipt.
  /// - Returns: The folder; nil for another receipt, and where no model depends on it.
  public static func modelFolder(ofReceipt receipt: String) -> String? {
    // folder/cells/00/0000.json
    let cells = FileAccess.parent(of: FileAccess.parent(of: FileAccess.realPath(of: receipt)))
    guard cells.hasSuffix("/cells") else { return nil }
    return (try? SweepFolder(opening: FileAccess.parent(of: cells)))?.plan.folder
  }

  /// Reads a cell's receipt, and checks its digests and its settings.
  ///
  /// - Parameters:
  ///   - cell: The cell.
  ///   - request: Its request.
  /// - Returns: The receipt; nil if there is none.
  /// - Throws: ``DiffusionError`` (`badData`): ``DamagedCell`` if the file is damaged; otherwise if it is of another
  ///   run.
  public func readReceipt(of cell: Int, _ request: RunRequest) throws -> Receipt? {
    let file = receipt(of: cell)
    guard FileAccess.kind(of: file) != nil else { return nil }
    let receipt: Receipt
    do {
      receipt = try Receipt(contentsOf: file)
    } catch let error as DiffusionError where error.kind == .badData {
      throw DamagedCell(cell: cell, message: error.message)
    }
    guard let change = try receipt.changeDifference() else {
      if let difference = plan.difference(of: request, from: receipt.settings) {
        throw DiffusionError(
          .badData,
          "\(file): the receipt of another run: \(difference); the plan changed, or the file is of another sweep")
      }
      return receipt
    }
    throw DamagedCell(cell: cell, message: "\(file): \(change.message)")
  }
}

extension SweepPlan {
  /// Its cells.
  public var cells: Range<Int> { 0..<count }
}

/// The files of a cell are damaged: they are not what was written.
public struct DamagedCell: Error, Sendable, Equatable {
  /// The cell.
  public let cell: Int
  /// The file and what is wrong with it, one line.
  public let message: String

  /// Creates an error.
  public init(cell: Int, message: String) {
    (self.cell, self.message) = (cell, message)
  }
}
