/// The pixels themselves, drawn by a terminal with kitty's graphics: the frame gets the picture beside its cells, and the
/// cells say which part of it each shows. A pixel is as wide as a cell, and two are as high, as in half blocks; the terminal
/// fits the picture into the cells and keeps its pixels square, so that they are enlarged a whole number of times.
///
/// A picture of more cells than the protocol can number, 297 a side, is drawn in half blocks.
package struct KittyRenderer: ImageRenderer {
  package init() {}

  package func cells(for pixels: Size) -> Size { HalfBlockRenderer().cells(for: pixels) }

  package func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let cells = cells(for: picture.extent)
    guard max(cells.columns, cells.rows) <= KittyDiacritics.count else {
      return HalfBlockRenderer().draw(picture, into: &frame, column: column, row: row, look: look)
    }
    let place = Rect(column: column, row: row, columns: cells.columns, rows: cells.rows)
    guard let image = PlacedImage(picture, place: place) else { return }
    frame.place(image, background: look[.background].background)
  }
}
