/// Draws eight pixels per cell as dots in the theme's text colour. A dot is set where the pixel's luma (Rec. 601) is
/// above its entry in a fixed 4x4 threshold matrix (ordered dithering, Bayer 1973). Shapes and shades show, colours do
/// not, and no cell is exact. On a light background the dots are the dark pixels.
package struct BrailleRenderer: ImageRenderer {
  private static let bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5]

  package init() {}

  package func cells(for pixels: Size) -> Size {
    Size(columns: (pixels.columns + 1) / 2, rows: (pixels.rows + 3) / 4)
  }

  package func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let cells = cells(for: picture.extent)
    let style = look[.text]
    let isDark = (style.background?.luma ?? 0) <= (style.foreground?.luma ?? 255_000)
    for line in 0..<cells.rows {
      for place in 0..<cells.columns {
        let (mask, mark) = reading(picture, place, line, isDark: isDark)
        frame[column + place, row + line] =
          AlarmPattern.cell(mark, column: place, row: line, look: look)
          ?? Cell(MosaicGrid.braille.character(mask), style)
      }
    }
  }

  package func approximatedCells(of picture: ScaledPicture) -> Int {
    let cells = cells(for: picture.extent)
    return cells.columns * cells.rows
  }

  private func reading(
    _ picture: ScaledPicture, _ column: Int, _ row: Int, isDark: Bool
  ) -> (mask: Int, mark: PixelMark) {
    var mask = 0
    var worst = PixelMark.none
    for index in 0..<8 {
      let (across, down) = (2 * column + index % 2, 4 * row + index / 2)
      guard across < picture.extent.columns, down < picture.extent.rows else { continue }
      // Half-way between sixteenths, so that black sets no dot and white sets all of them.
      let threshold = (2 * Self.bayer[down % 4 * 4 + across % 4] + 1) * 255_000 / 32
      if (picture[across, down].luma > threshold) == isDark { mask |= 1 << index }
      let mark = picture.mark(column: across, row: down)
      if mark != .none, worst != .notANumber { worst = mark }
    }
    return (mask, worst)
  }
}
