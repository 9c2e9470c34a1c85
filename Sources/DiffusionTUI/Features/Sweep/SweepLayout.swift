import DiffusionCore

/// The layout of a sweep's grid on a screen: labels above and beside it, and as many of its cells as fit.
package struct SweepLayout: Sendable, Equatable {
  /// The first line.
  package let header: Rect
  /// The labels of the columns.
  package let labels: Rect
  /// The cells, without the labels beside them.
  package let body: Rect
  /// The columns of the labels beside the rows.
  package let labelColumns: Int
  /// The details of the cell under the cursor; nil on a low screen.
  package let detail: Rect?
  /// The line for messages and the keys.
  package let footer: Rect?
  /// The scale of the images.
  package let scale: ImageScale
  /// The size of an image, and of a cell with the gap beside it.
  package let picture, cell: Size
  /// The rows and the columns of the grid that are on the screen.
  package let rows, columns: Range<Int>

  private let sizes: Int, usualSize: Int, size: Int

  /// Lays out a board.
  ///
  /// - Parameters:
  ///   - board: The board.
  ///   - space: The size of the screen.
  ///   - pixels: The size of an image in pixels.
  ///   - renderer: What draws the images.
  package init(_ board: SweepBoard, space: Size, pixels: Size, renderer: any ImageRenderer) {
    let hasDetail = space.rows >= 8, hasFooter = space.rows >= 6
    func line(_ row: Int) -> Rect { Rect(column: 0, row: max(0, row), columns: space.columns, rows: 1) }
    header = line(0)
    labels = line(1)
    footer = hasFooter ? line(space.rows - 1) : nil
    let end = space.rows - (hasFooter ? 1 : 0)
    detail = hasDetail ? line(end - 1) : nil
    let grid = board.grid
    // Not every label of a million rows is measured.
    let near = max(0, board.row - 100)..<min(grid.rows, board.row + 100)
    let longest = near.map { grid.rowLabel($0).columns }.max() ?? 0
    labelColumns = min(longest, max(4, space.columns / 5))
    let left = labelColumns == 0 ? 1 : labelColumns + 2
    let top = 2
    body = Rect(
      column: left, row: top, columns: max(0, space.columns - left), rows: max(0, end - (hasDetail ? 1 : 0) - top))
    let plans = Self.plans(pixels: pixels, renderer: renderer)
    let body = body
    func counts(_ plan: Plan) -> (columns: Int, rows: Int) {
      (max(1, (body.columns + plan.gap) / plan.cell.columns), max(1, body.rows / plan.cell.rows))
    }
    func showsAll(_ plan: Plan) -> Bool { counts(plan).columns >= grid.columns && counts(plan).rows >= grid.rows }
    sizes = plans.count
    usualSize =
      plans.firstIndex { showsAll($0) && $0.isLegible } ?? plans.lastIndex(where: \.isLegible) ?? plans.count - 1
    size = min(max(0, usualSize - board.enlargement), plans.count - 1)
    let plan = plans[size], shown = counts(plan)
    (scale, picture, cell) = (plan.scale, plan.picture, plan.cell)
    rows = Self.page(around: board.row, of: grid.rows, shown: shown.rows)
    columns = Self.page(around: board.column, of: grid.columns, shown: shown.columns)
  }

  /// The enlargement after a change by some sizes, limited to those available.
  package func enlargement(after change: Int) -> Int { usualSize - min(max(0, size - change), sizes - 1) }

  /// `rows 1 to 5 of 30, columns 9 to 16 of 40`, of what is on the screen; nil if all of the grid is.
  package func page(of grid: SweepGrid) -> String? {
    let sides = [("rows", rows, grid.rows), ("columns", columns, grid.columns)].filter { $0.1.count < $0.2 }
    guard !sides.isEmpty else { return nil }
    return sides.map { "\($0.0) \($0.1.lowerBound + 1) to \($0.1.upperBound) of \($0.2)" }.joined(separator: ", ")
  }

  /// The part of the screen for a cell.
  package func part(row: Int, column: Int) -> Rect {
    Rect(
      column: body.column + (column - columns.lowerBound) * cell.columns,
      row: body.row + (row - rows.lowerBound) * cell.rows, columns: picture.columns, rows: picture.rows)
  }

  /// The place of a cell at a position on the screen; nil outside all cells.
  package func place(column: Int, row: Int) -> (row: Int, column: Int)? {
    guard body.contains(column: column, row: row) else { return nil }
    let place = (
      rows.lowerBound + (row - body.row) / cell.rows, columns.lowerBound + (column - body.column) / cell.columns
    )
    return rows.contains(place.0) && columns.contains(place.1) ? place : nil
  }

  /// One size of the images.
  private struct Plan {
    let scale: ImageScale
    let picture: Size
    /// Whether the images can be told apart.
    let isLegible: Bool

    /// The gap between two images: none where they are as small as dots.
    var gap: Int { picture.columns > 2 ? 1 : 0 }
    var cell: Size { Size(columns: picture.columns + gap, rows: picture.rows) }
  }

  /// Every size from four times to dots of two pixels, largest first.
  private static func plans(pixels: Size, renderer: any ImageRenderer) -> [Plan] {
    let shortest = max(1, min(pixels.columns, pixels.rows)), shape = renderer.pixelShape
    let step = ImageScale.wholeStep(shape)
    let whole = [4, 3, 2, 1].map { ImageScale($0 * step, of: 1, pixelShape: shape) }
    let strides = (1...12).map { 1 << $0 }.filter { (shortest + $0 - 1) / $0 >= 2 }
    let scales = whole + strides.map { ImageScale(1, of: $0, pixelShape: shape) }
    return scales.map { scale in
      let extent = scale.extent(of: pixels)
      return Plan(
        scale: scale, picture: renderer.cells(for: extent), isLegible: min(extent.columns, extent.rows) >= 8)
    }
  }

  /// The page with the cursor.
  private static func page(around cursor: Int, of count: Int, shown: Int) -> Range<Int> {
    let first = cursor / shown * shown
    return first..<min(count, first + shown)
  }
}

extension SweepLayout {
  /// Lays out the board of a state; nil if it has none.
  package init?(_ state: State) {
    guard let board = state.sweep else { return nil }
    // That of the first image, by the order of cells.
    let first = board.pictures.min { $0.key < $1.key }?.value.size
    self.init(
      board, space: LessonLayout(state).canvas, pixels: first ?? state.layoutPictureSize,
      renderer: state.shownRenderer.renderer)
  }
}
