/// Turns pixels into cells.
package protocol ImageRenderer: Sendable {
  /// The shape of a shown pixel on the screen, where a cell is twice as high as wide: this many across are as wide as
  /// this many down are high.
  var pixelShape: Size { get }
  /// The number of cells that a number of shown pixels takes.
  func cells(for pixels: Size) -> Size
  /// Draws a picture with its upper-left corner at a position. Writes only to the cells of ``cells(for:)``.
  func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look)
  /// The number of cells that only approximate their pixels: 0 where every pixel is exact.
  func approximatedCells(of picture: ScaledPicture) -> Int
}

extension ImageRenderer {
  package var pixelShape: Size { Size(columns: 1, rows: 1) }
  package func approximatedCells(of picture: ScaledPicture) -> Int { 0 }
}
