/// A whole screen as cells, row by row. Views write into it; terminals and snapshots show it.
public struct Frame: Sendable, Hashable {
  /// How large it is.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]

  /// Makes a frame of empty cells.
  public init(size: Size, filling cell: Cell = Cell()) {
    self.size = size
    cells = Array(repeating: cell, count: size.columns * size.rows)
  }

  /// The cell at a place. Reading outside of the frame gives an empty cell; writing there does nothing.
  public subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * size.columns + column] : Cell() }
    set { if contains(column, row) { cells[row * size.columns + column] = newValue } }
  }

  private func contains(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && column < size.columns && row >= 0 && row < size.rows
  }
}
