/// The pixels themselves, drawn by a terminal with kitty's graphics: the frame gets the picture beside its cells, and
/// the cells say which part of it each shows. A pixel is as wide as a cell, and two are as high, as in half blocks; the
/// terminal fits the picture into the cells and keeps its pixels square, so that they are enlarged a whole number of
/// times.
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

extension PlacedImage {
  /// A part of a picture that fills some cells; nil without pixels or cells.
  ///
  /// Each pixel is sent once and enlarged by the terminal. Where there are NaN or infinity, each is sent as a square of
  /// 4 by 4, which for those is a checkerboard.
  package init?(_ picture: ScaledPicture, place: Rect) {
    let single = ImageScale(zoom: 1, stride: picture.scale.stride)
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
