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

/// How large a picture is shown: a whole number of times, or every k-th pixel of it.
package struct ImageScale: Sendable, Equatable {
  /// How often each pixel is repeated, across and down; 1 where the picture is thinned out.
  package let zoom: Int
  /// Which pixels are shown: every one (1), every second (2) and so on.
  package let stride: Int

  package init(zoom: Int, stride: Int) {
    self.zoom = max(1, zoom)
    self.stride = max(1, stride)
  }

  /// The scale as people read it: `2x`, `1x`, `1/2`.
  package var label: String { stride > 1 ? "1/\(stride)" : "\(zoom)x" }

  /// Shown pixels of a picture's extent.
  package func extent(of pixels: Size) -> Size {
    Size(
      columns: (pixels.columns + stride - 1) / stride * zoom, rows: (pixels.rows + stride - 1) / stride * zoom)
  }

  /// The largest whole number of times that fits, or else the largest whole fraction; nil where that would leave
  /// fewer than eight pixels of a side that has more.
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
