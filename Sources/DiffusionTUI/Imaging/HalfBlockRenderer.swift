/// One cell is two pixels: the upper half block in the upper pixel's colour, on the lower pixel's.
package struct HalfBlockRenderer: ImageRenderer {
  package init() {}

  package func cells(for pixels: Size) -> Size { Size(columns: pixels.columns, rows: (pixels.rows + 1) / 2) }

  package func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let extent = picture.extent
    let behind = look[.background].background
    for line in 0..<cells(for: extent).rows {
      for place in 0..<extent.columns {
        let lower = 2 * line + 1 < extent.rows ? picture[place, 2 * line + 1] : behind
        frame[column + place, row + line] = Cell(
          "\u{2580}", Style(foreground: picture[place, 2 * line], background: lower))
      }
    }
  }
}
