/// A way to divide a part of the screen among panes.
package struct GridPlan: Sendable, Equatable {
  /// The number of panes side by side, and of rows of panes.
  package let columns, rows: Int
  /// The number of panes on a page.
  package let pageSize: Int
  /// The size of a pane.
  package let cell: Size
  /// The scale of each picture; nil if there is no room for any.
  package let scale: ImageScale?
  /// The size of a picture, in cells.
  package let picture: Size
  /// Whether the numbers are beside the picture, not below it.
  package let isBeside: Bool
  /// The number of lines of numbers for each pane.
  package let lines: Int
  /// The columns available for numbers.
  private let textColumns: Int

  /// The minimum columns of the numbers beside a picture, and of a pane.
  private static let besideColumns = 18
  private static let leastColumns = 10
  /// The maximum lines of numbers below a picture, and beside it.
  private static let linesBelow = 4
  private static let linesBeside = 7

  /// The plan that shows all panes at once if possible, large and with their numbers; otherwise as many as fit; failing
  /// that, one without its picture.
  package static func best(
    panes: Int, space: Size, pixels: Size, renderer: any ImageRenderer, fit: PictureFit
  ) -> GridPlan {
    for pageSize in (1...max(1, panes)).reversed() {
      let plans = (1...pageSize).flatMap { columns in
        (0...linesBelow).compactMap { lines in
          GridPlan(
            columns: columns, pageSize: pageSize, reserving: lines, space: space, pixels: pixels, renderer: renderer,
            fit: fit)
        }
      }
      if let best = plans.max(by: { $0.merit.lexicographicallyPrecedes($1.merit) }) { return best }
    }
    return GridPlan(textIn: space)
  }

  /// Creates a plan; nil if there is no room for the pictures.
  ///
  /// - Parameter reserved: The lines to keep for numbers below each picture.
  private init?(
    columns: Int, pageSize: Int, reserving reserved: Int, space: Size, pixels: Size, renderer: any ImageRenderer,
    fit: PictureFit
  ) {
    let rows = (pageSize + columns - 1) / columns
    cell = Size(columns: space.columns / columns, rows: space.rows / rows)
    guard (columns - 1) * rows < pageSize, cell.columns >= Self.leastColumns else { return nil }
    let limit = Size(columns: cell.columns - 1, rows: cell.rows - 1 - reserved)
    guard let scale = ImageScale.fitting(pixels, renderer, in: limit, fit: fit) else { return nil }
    picture = renderer.cells(for: scale.extent(of: pixels))
    let beside = cell.columns - picture.columns - 3
    let linesBeside = beside >= Self.besideColumns ? min(Self.linesBeside, cell.rows - 1) : 0
    let linesBelow = min(Self.linesBelow, cell.rows - 1 - picture.rows)
    isBeside = linesBeside > linesBelow
    lines = max(linesBeside, linesBelow)
    textColumns = isBeside ? beside : cell.columns - 1
    self.scale = scale
    (self.columns, self.rows, self.pageSize) = (columns, rows, pageSize)
  }

  /// Creates a plan for one pane without a picture.
  private init(textIn space: Size) {
    (columns, rows, pageSize, cell, scale) = (1, 1, 1, space, nil)
    (picture, isBeside, lines, textColumns) = (Size(columns: 0, rows: 0), false, max(0, space.rows - 1), space.columns)
  }

  /// The criteria that rank plans with the same number of panes, most important first.
  private var merit: [Double] {
    [use, Double(pageSize - columns * rows), Double(min(30, textColumns))]
  }

  /// The size of the pictures, weighted by how many numbers they have beside or below them.
  package var use: Double {
    let size = (scale?.ratio ?? 0) + (scale?.isWhole == true ? Self.wholeBonus : 0)
    return size * Self.shares[min(lines, Self.shares.count - 1)]
  }

  /// What a picture is worth with no line of numbers, with one, two and so on.
  private static let shares = [0.55, 0.8, 0.9, 0.97, 1]
  /// How much larger an averaged picture has to be to be worth as much as one of whole pixels.
  private static let wholeBonus = 0.25

  /// How much of the panes is shown, most important first. The lines around the panes must not reduce it.
  package var worth: [Double] {
    guard let scale else { return [0, cell.rows > 0 ? 1 : 0, Double(min(1, lines))] }
    return [Double(pageSize), min(1, scale.ratio), Double(min(2, lines))]
  }

  /// Whether about as much of the panes is shown as in the best plan, all panes of which are on the page.
  package func isAbout(_ best: [Double], share: Double) -> Bool {
    let own = worth
    return own == best || own.count == best.count && own[0] >= best[0] && own[1] >= share * best[1] && own[2] >= best[2]
  }

  /// The number of rows of a pane that are used.
  package var usedRows: Int {
    scale == nil ? cell.rows : 1 + (isBeside ? max(picture.rows, min(lines, cell.rows - 1)) : picture.rows + lines)
  }
}
