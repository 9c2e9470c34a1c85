/// The extent of a screen or of a part of it, in cells; never negative.
public struct Size: Sendable, Hashable {
  /// Cells from left to right.
  public var columns: Int
  /// Cells from top to bottom.
  public var rows: Int

  /// Makes a size; negative extents become 0.
  public init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }
}

/// A part of the screen, in cells.
package struct Rect: Sendable, Hashable {
  package var column, row, columns, rows: Int

  package init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  /// How large it is.
  package var size: Size { Size(columns: columns, rows: rows) }
  /// The column just right of it.
  package var endColumn: Int { column + columns }
  /// The row just below it.
  package var endRow: Int { row + rows }

  /// Whether a place lies in it.
  package func contains(column: Int, row: Int) -> Bool {
    (self.column..<endColumn).contains(column) && (self.row..<endRow).contains(row)
  }

  /// The part without so much at each side.
  package func inset(left: Int = 0, right: Int = 0, top: Int = 0) -> Rect {
    Rect(column: column + left, row: row + top, columns: columns - left - right, rows: rows - top)
  }

  /// Some of its rows.
  package func rows(from first: Int, count: Int) -> Rect {
    Rect(column: column, row: row + first, columns: columns, rows: min(count, rows - first))
  }
}
