/// Draws two pixels per cell: an upper half block in the upper pixel's colour, on the lower pixel's. Every pixel is
/// exact.
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
    if picture.picture.hasMarks { drawMarks(picture, into: &frame, column: column, row: row, look: look) }
  }

  private func drawMarks(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let extent = picture.extent
    for line in 0..<cells(for: extent).rows {
      for place in 0..<extent.columns {
        let upper = picture.mark(column: place, row: 2 * line)
        let hasLower = 2 * line + 1 < extent.rows
        let lower = hasLower ? picture.mark(column: place, row: 2 * line + 1) : .none
        let neighbor: RGB? =
          lower == .none
          ? (hasLower ? picture[place, 2 * line + 1] : nil) : upper == .none ? picture[place, 2 * line] : nil
        let mark = upper == .notANumber || lower == .none ? upper : lower
        guard
          let cell = AlarmPattern.cell(mark, column: place, row: line, neighbor: neighbor, look: look)
        else { continue }
        frame[column + place, row + line] = cell
      }
    }
  }
}
