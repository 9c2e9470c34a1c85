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
