/// Turns pixels into cells.
package protocol ImageRenderer: Sendable {
  /// The cells that so many shown pixels take.
  func cells(for pixels: Size) -> Size
  /// Draws a picture with its upper left corner at a place. Writes to the cells of ``cells(for:)`` alone.
  func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look)
  /// How many cells of a picture show less than its pixels: 0 where every pixel is exact.
  func approximatedCells(of picture: ScaledPicture) -> Int
}

extension ImageRenderer {
  package func approximatedCells(of picture: ScaledPicture) -> Int { 0 }
}
