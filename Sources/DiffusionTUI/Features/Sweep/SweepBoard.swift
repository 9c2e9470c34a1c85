import DiffusionCore

/// The grid of a sweep as the screen shows it: a cursor on a cell, and what is known of the cells, which other
/// processes may be making.
public struct SweepBoard: Sendable, Equatable {
  /// The folder, with the plan. It need not exist yet.
  public let folder: SweepFolder
  /// The run whose values replace those that the plan does not state.
  package let base: RunRequest
  /// The folder that the plan's models are looked for in first.
  package let modelFolder: String
  /// The arrangement in rows and columns.
  package private(set) var grid: SweepGrid
  /// The row and the column of the cursor.
  package private(set) var row = 0, column = 0
  /// The number of sizes by which images are larger than the usual ones; negative for smaller.
  package var enlargement = 0
  /// Whether a run opened from it is on the screen, so that Esc returns to it.
  package var isBehind = false
  /// The cells that have a receipt.
  package private(set) var finished: Set<Int> = []
  /// The images of cells that were on the screen.
  package private(set) var pictures: [Int: Picture] = [:]
  /// Why the image of a cell cannot be shown.
  package private(set) var failures: [Int: String] = [:]
  /// What is asked of the folder now; nil while the board is not on the screen.
  package var watch: SweepWatch?
  /// The number of the last watch.
  private var watches = 0

  /// Creates a board with its cursor on the first cell.
  ///
  /// - Parameters:
  ///   - folder: The folder, with the plan.
  ///   - base: The run whose values replace those that the plan does not state.
  ///   - modelFolder: The folder that the plan's models are looked for in first.
  public init(_ folder: SweepFolder, base: RunRequest, modelFolder: String = ".") {
    (self.folder, self.base, self.modelFolder) = (folder, base, modelFolder)
    grid = SweepGrid(folder.plan)
  }

  /// The cell under the cursor.
  package var cell: Int { grid.cell(row: row, column: column) }

  /// The run of a cell.
  ///
  /// - Throws: As ``SweepPlan/request(of:base:)``.
  public func request(of cell: Int) throws -> RunRequest {
    var request = try folder.plan.request(of: cell, base: base)
    if folder.plan.states(.model) { request.model = request.model.relative(to: modelFolder) }
    request.settings.refiner = request.settings.refiner?.relative(to: modelFolder)
    return request
  }

  /// Moves the cursor, at most to the edge.
  package mutating func move(row: Int, column: Int) {
    self.row = min(max(0, row), grid.rows - 1)
    self.column = min(max(0, column), grid.columns - 1)
  }

  /// Puts the next axis across; the cursor stays on its cell.
  ///
  /// - Returns: Whether there is another axis.
  mutating func turn() -> Bool {
    let count = folder.plan.axes.count
    guard count > 1, let across = grid.across else { return false }
    let cell = cell
    grid = SweepGrid(folder.plan, across: (across + 1) % count)
    (row, column) = grid.place(of: cell)
    return true
  }

  /// Takes in what was found in the folder.
  mutating func note(_ finding: SweepFinding) {
    finished = finding.finished
    // An image of a cell whose receipt is gone is that of another run.
    pictures = pictures.filter { finished.contains($0.key) }.merging(finding.pictures) { $1 }
    failures = failures.filter { finished.contains($0.key) && finding.pictures[$0.key] == nil }
      .merging(finding.failures) { $1 }
  }

  /// A request to watch the folder for some cells, with a number of its own.
  package mutating func newWatch(_ cells: [Int]) -> SweepWatch {
    watches += 1
    return SweepWatch(number: watches, folder: folder, cells: cells)
  }
}

/// A request to say what is in a sweep's folder, now and whenever it changes.
public struct SweepWatch: Sendable, Equatable {
  /// The number that identifies its answers.
  public let number: Int
  /// The folder.
  public let folder: SweepFolder
  /// The cells whose images are wanted.
  public let cells: [Int]
}

/// What was found in a sweep's folder.
public struct SweepFinding: Sendable, Equatable {
  /// The number of the request.
  public let number: Int
  /// The cells that have a receipt.
  public var finished: Set<Int> = []
  /// The images of cells that were not reported before.
  package var pictures: [Int: Picture] = [:]
  /// Why a cell has no image.
  public var failures: [Int: String] = [:]

  /// Creates an answer with nothing in it.
  public init(number: Int) { self.number = number }

  /// Reads the images of some cells into pictures, 8 bits for each colour. One that is not finite is a failure.
  ///
  /// - Parameters:
  ///   - watch: The request.
  ///   - known: The cells whose images were reported before.
  ///   - open: Reads a picture.
  package init(_ watch: SweepWatch, known: Set<Int>, open: (String) throws -> SourcePicture) {
    number = watch.number
    finished = Set(watch.folder.finishedCells())
    for cell in watch.cells where finished.contains(cell) && !known.contains(cell) {
      do {
        let picture = Picture(try open(watch.folder.firstImage(of: cell)))
        // A file has no pixel for a NaN: it is black there.
        if let receipt = try? Receipt(contentsOf: watch.folder.receipt(of: cell)), receipt.isNonFinite {
          failures[cell] = "the image has a NaN or an infinity"
        } else {
          pictures[cell] = picture
        }
      } catch {
        failures[cell] = "\(error)"
      }
    }
  }
}

/// Reads what is in a sweep's folder, without waiting: the request, and the cells whose images are known.
public typealias SweepReader = @Sendable (SweepWatch, Set<Int>) -> SweepFinding

/// A side effect that the board of a sweep requests.
public enum SweepEffect: Sendable, Equatable {
  /// Say what is in a folder, now and whenever it changes, in place of any other. Answers `sweepFound`.
  case watch(SweepWatch)
  /// Watch no folder any more. Answers nothing.
  case stop
}

extension Picture {
  /// The most pixels along a side that are kept: more than a cell of a grid shows.
  private static let maximumSide = 256

  /// Creates a picture of a file's pixels, every n-th of them where there are many.
  package init(_ source: SourcePicture) {
    let stride = max(1, (max(source.width, source.height) + Self.maximumSide - 1) / Self.maximumSide)
    let (columns, rows) = ((source.width + stride - 1) / stride, (source.height + stride - 1) / stride)
    let isGrey = source.channels < 3
    var pixels: [RGB] = []
    pixels.reserveCapacity(columns * rows)
    for row in 0..<rows {
      for column in 0..<columns {
        let first = (row * stride * source.width + column * stride) * source.channels
        let levels = (0..<3).map { colour -> UInt8 in
          let index = first + (isGrey ? 0 : colour)
          return switch source.samples {
          case .bits8(let samples): samples[index]
          case .bits16(let samples): UInt8(samples[index] >> 8)
          }
        }
        pixels.append(RGB(levels[0], levels[1], levels[2]))
      }
    }
    self.init(columns: columns, rows: rows, pixels: pixels)
  }
}
