/// Draws the pixels themselves, on a terminal with kitty's graphics. The frame holds the picture beside its cells, and
/// each cell encodes the part of it that it shows. As with half blocks, a pixel is as wide as a cell and half as high.
/// The terminal fits the picture into the cells with square pixels, so that they are enlarged a whole number of times.
///
/// A picture of more cells than the protocol can number, 297 per side, is drawn in half blocks.
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

extension PlacedImage {
  /// Creates an image from a picture that fills some cells; nil without pixels or cells.
  ///
  /// Each pixel is sent once and enlarged by the terminal, or each average where areas are averaged. Where there is NaN
  /// or infinity, every pixel is sent as a 4x4 square, which for those values is a checkerboard.
  package init?(_ picture: ScaledPicture, place: Rect) {
    let single = picture.scale.isWhole ? ImageScale(zoom: 1, stride: 1) : picture.scale
    let shown = ScaledPicture(picture: picture.picture, scale: single, region: picture.region)
    let grain = picture.picture.hasMarks ? 4 : 1
    let extent = shown.extent
    guard extent.columns > 0, extent.rows > 0, place.columns > 0, place.rows > 0 else { return nil }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(3 * extent.columns * extent.rows * grain * grain)
    for row in 0..<extent.rows * grain {
      for column in 0..<extent.columns * grain {
        let isMarked = shown.mark(column: column / grain, row: row / grain) != .none
        let isDark = isMarked && !(column + row).isMultiple(of: 2)
        let pixel = isDark ? RGB(0, 0, 0) : shown[column / grain, row / grain]
        bytes.append(pixel.red)
        bytes.append(pixel.green)
        bytes.append(pixel.blue)
      }
    }
    self.init(
      size: Size(columns: extent.columns * grain, rows: extent.rows * grain), bytes: bytes, place: place)
  }
}
