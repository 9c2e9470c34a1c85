/// Turns pixels into cells.
package protocol ImageRenderer: Sendable {
  /// The number of cells that a number of shown pixels takes.
  func cells(for pixels: Size) -> Size
  /// Draws a picture with its upper-left corner at a position. Writes only to the cells of ``cells(for:)``.
  func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look)
  /// The number of cells that only approximate their pixels: 0 where every pixel is exact.
  func approximatedCells(of picture: ScaledPicture) -> Int
}

extension ImageRenderer {
  package func approximatedCells(of picture: ScaledPicture) -> Int { 0 }
}

/// The scale of a picture: enlarged a whole number of times, or reduced to every k-th pixel.
package struct ImageScale: Sendable, Equatable {
  /// The number of times each pixel is repeated, across and down; 1 where the picture is reduced.
  package let zoom: Int
  /// The step between shown pixels: every one (1), every second (2) and so on.
  package let stride: Int

  package init(zoom: Int, stride: Int) {
    self.zoom = max(1, zoom)
    self.stride = max(1, stride)
  }

  /// The scale as the screen shows it: `2x`, `1x`, `1/2`.
  package var label: String { stride > 1 ? "1/\(stride)" : "\(zoom)x" }

  /// The number of shown pixels of a picture.
  package func extent(of pixels: Size) -> Size {
    Size(
      columns: (pixels.columns + stride - 1) / stride * zoom, rows: (pixels.rows + stride - 1) / stride * zoom)
  }

  /// The largest whole scale that fits, or else the largest 1/k; nil where that would leave fewer than eight pixels on
  /// a side that has more.
  package static func fitting(_ pixels: Size, _ renderer: any ImageRenderer, in space: Size) -> ImageScale? {
    guard pixels.columns > 0, pixels.rows > 0 else { return nil }
    func fits(_ scale: ImageScale) -> Bool {
      let cells = renderer.cells(for: scale.extent(of: pixels))
      return cells.columns <= space.columns && cells.rows <= space.rows
    }
    if fits(ImageScale(zoom: 1, stride: 1)) {
      let most = max(1, space.columns)
      let zoom = (1...most).reversed().first { fits(ImageScale(zoom: $0, stride: 1)) } ?? 1
      return ImageScale(zoom: zoom, stride: 1)
    }
    let least = Size(columns: min(8, pixels.columns), rows: min(8, pixels.rows))
    let longest = max(pixels.columns, pixels.rows)
    for stride in 2...max(2, longest) {
      let scale = ImageScale(zoom: 1, stride: stride)
      let extent = scale.extent(of: pixels)
      if extent.columns < least.columns || extent.rows < least.rows { return nil }
      if fits(scale) { return scale }
    }
    return nil
  }
}
