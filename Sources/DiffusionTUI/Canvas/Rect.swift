/// The size of a screen or of a part of it, in cells; never negative.
public struct Size: Sendable, Hashable {
  /// The width in cells.
  public var columns: Int
  /// The height in cells.
  public var rows: Int

  /// Creates a size; negative values become 0.
  public init(columns: Int, rows: Int) {
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }
}

/// A rectangle of cells on the screen.
package struct Rect: Sendable, Hashable {
  package var column, row, columns, rows: Int

  package init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(0, columns)
    self.rows = max(0, rows)
  }

  /// The size in cells.
  package var size: Size { Size(columns: columns, rows: rows) }
  /// The column just right of the rectangle.
  package var endColumn: Int { column + columns }
  /// The row just below the rectangle.
  package var endRow: Int { row + rows }

  /// Whether a position lies in the rectangle.
  package func contains(column: Int, row: Int) -> Bool {
    (self.column..<endColumn).contains(column) && (self.row..<endRow).contains(row)
  }

  /// The rectangle with the given margins removed.
  package func inset(left: Int = 0, right: Int = 0, top: Int = 0) -> Rect {
    Rect(column: column + left, row: row + top, columns: columns - left - right, rows: rows - top)
  }

  /// A range of the rectangle's rows.
  package func rows(from first: Int, count: Int) -> Rect {
    Rect(column: column, row: row + first, columns: columns, rows: min(count, rows - first))
  }
}
