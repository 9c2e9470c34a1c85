/// Draws a pixel as two columns of a character as dense as the pixel is light; on a terminal with colours, in the
/// pixel's colour on black.
package struct ASCIIRampRenderer: ImageRenderer {
  package static let ramp = Array(" .:-=+*#%@")

  package init() {}

  package func cells(for pixels: Size) -> Size { Size(columns: 2 * pixels.columns, rows: pixels.rows) }

  package func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let extent = picture.extent
    let isColored = look.capabilities.colorTier > .mono
    for line in 0..<extent.rows {
      for place in 0..<extent.columns {
        let pixel = picture[place, line]
        let style = isColored ? Style(foreground: pixel, background: RGB(0, 0, 0)) : Style()
        let mark = picture.mark(column: place, row: line)
        let cell =
          AlarmPattern.cell(mark, column: place, row: line, look: look) ?? Cell(Self.character(for: pixel), style)
        frame[column + 2 * place, row + line] = cell
        frame[column + 2 * place + 1, row + line] = cell
      }
    }
  }

  /// The character for a pixel, by its luma (Rec. 601).
  package static func character(for pixel: RGB) -> Character {
    ramp[min(ramp.count - 1, pixel.luma * ramp.count / 255_001)]
  }

  /// Every cell counts: ten levels of gray only approximate the pixels.
  package func approximatedCells(of picture: ScaledPicture) -> Int {
    let cells = cells(for: picture.extent)
    return cells.columns * cells.rows
  }
}

extension RGB {
  /// The luma (Rec. 601), 0 to 255,000.
  package var luma: Int { 299 * Int(red) + 587 * Int(green) + 114 * Int(blue) }
}
