/// The position of a pixel in a picture.
package struct PixelPlace: Sendable, Hashable {
  /// The column, from 0 at the left edge.
  package var column: Int
  /// The row, from 0 at the top edge.
  package var row: Int

  package init(column: Int, row: Int) {
    self.column = column
    self.row = row
  }
}

/// A rectangle of pixels in a picture.
package struct PixelRegion: Sendable, Hashable {
  /// The upper-left pixel.
  package let column, row: Int
  /// The size in pixels; at least one each way.
  package let columns, rows: Int

  package init(column: Int, row: Int, columns: Int, rows: Int) {
    self.column = column
    self.row = row
    self.columns = max(1, columns)
    self.rows = max(1, rows)
  }

  /// Creates the region of a whole picture.
  package init(all size: Size) {
    self.init(column: 0, row: 0, columns: size.columns, rows: size.rows)
  }

  /// The size in pixels.
  package var size: Size { Size(columns: columns, rows: rows) }

  /// Whether a pixel lies in the region.
  package func contains(_ place: PixelPlace) -> Bool {
    (column..<column + columns).contains(place.column) && (row..<row + rows).contains(place.row)
  }

  /// The same part of a picture of another size, at least a pixel of it.
  package func scaled(from picture: Size, to other: Size) -> PixelRegion {
    func part(_ start: Int, _ count: Int, _ from: Int, _ to: Int) -> (start: Int, count: Int) {
      let count = max(1, min(to, count * to / max(1, from)))
      return (min(start * to / max(1, from), to - count), count)
    }
    let across = part(column, columns, picture.columns, other.columns)
    let down = part(row, rows, picture.rows, other.rows)
    return PixelRegion(column: across.start, row: down.start, columns: across.count, rows: down.count)
  }
}
