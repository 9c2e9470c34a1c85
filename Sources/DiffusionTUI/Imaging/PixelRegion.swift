/// A pixel of a picture.
package struct PixelPlace: Sendable, Hashable {
  /// From the left edge, from 0.
  package var column: Int
  /// From the top edge, from 0.
  package var row: Int

  package init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A part of a picture, in pixels.
package struct PixelRegion: Sendable, Hashable {
  /// Its upper left pixel.
  package let column, row: Int
  /// How many pixels, across and down; at least one.
  package let columns, rows: Int

  package init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(1, columns)
    self.rows = max(1, rows)
  }

  /// All of a picture of some extent.
  package init(all size: Size) {
    self.init(column: 0, row: 0, columns: size.columns, rows: size.rows)
  }

  /// How many pixels, across and down.
  package var size: Size { Size(columns: columns, rows: rows) }

  /// Whether a pixel is in it.
  package func contains(_ place: PixelPlace) -> Bool {
    (column..<column + columns).contains(place.column) && (row..<row + rows).contains(place.row)
  }
}
