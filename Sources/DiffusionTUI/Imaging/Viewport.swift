/// The region of a picture that is shown, and the selected pixel. It zooms by powers of two, its centre follows the
/// cursor, and it never leaves the picture. The region is then shown at the largest whole scale that fits, as any
/// picture is.
package struct Viewport: Sendable, Hashable {
  /// The size of the picture in pixels; at least one pixel.
  package let picture: Size
  /// How many times smaller the region is than the picture, each way: 1, 2, 4 ...
  package private(set) var factor = 1
  /// The pixel in the middle of the region, or as near to it as the picture's edges allow.
  package private(set) var center: PixelPlace
  /// The selected pixel; nil if there is none.
  package private(set) var cursor: PixelPlace?

  /// Creates a viewport of a whole picture, without a cursor.
  package init(picture: Size) {
    self.picture = Size(columns: max(1, picture.columns), rows: max(1, picture.rows))
    center = PixelPlace(column: self.picture.columns / 2, row: self.picture.rows / 2)
  }

  /// Restores a viewport; values out of range are clamped.
  package init(picture: Size, factor: Int, center: PixelPlace, cursor: PixelPlace?) {
    self.init(picture: picture)
    while self.factor < min(factor, maximumFactor) { self.factor *= 2 }
    self.center = clamped(center)
    self.cursor = cursor.map(clamped)
  }

  /// The largest factor: the shorter side is then four pixels, or as many as it has.
  package var maximumFactor: Int {
    var factor = 1
    while min(picture.columns, picture.rows) / (2 * factor) >= 4 { factor *= 2 }
    return factor
  }

  /// The region that is shown.
  package var region: PixelRegion {
    let columns = (picture.columns + factor - 1) / factor
    let rows = (picture.rows + factor - 1) / factor
    return PixelRegion(
      column: max(0, min(picture.columns - columns, center.column - columns / 2)),
      row: max(0, min(picture.rows - rows, center.row - rows / 2)), columns: columns, rows: rows)
  }

  /// Zooms in to half the size, around the cursor if there is one.
  package mutating func zoomIn() {
    factor = min(maximumFactor, 2 * factor)
    if let cursor { center = cursor }
  }

  /// Zooms out to twice the size.
  package mutating func zoomOut() { factor = max(1, factor / 2) }

  /// Selects a pixel, or the nearest one inside; the region follows where it must.
  package mutating func point(at place: PixelPlace) {
    let place = clamped(place)
    cursor = place
    if !region.contains(place) { center = place }
  }

  /// Moves the cursor; the first move puts it in the middle of the region.
  package mutating func moveCursor(columns: Int, rows: Int) {
    guard let cursor else {
      let region = region
      return point(at: PixelPlace(column: region.column + region.columns / 2, row: region.row + region.rows / 2))
    }
    point(at: PixelPlace(column: cursor.column + columns, row: cursor.row + rows))
  }

  /// The same region and cursor for a picture of another size, where they still lie inside.
  package func applied(to picture: Size) -> Viewport {
    guard picture != self.picture else { return self }
    var other = Viewport(picture: picture)
    other.factor = min(factor, other.maximumFactor)
    other.center = other.clamped(center)
    other.cursor = cursor.map(other.clamped)
    return other
  }

  /// The text on the screen: `whole picture`, or the columns and rows that are shown.
  package var label: String {
    guard factor > 1 else { return "whole picture" }
    let region = region
    return "x \(region.column)-\(region.column + region.columns - 1)"
      + "  y \(region.row)-\(region.row + region.rows - 1)"
  }

  private func clamped(_ place: PixelPlace) -> PixelPlace {
    PixelPlace(
      column: max(0, min(picture.columns - 1, place.column)), row: max(0, min(picture.rows - 1, place.row)))
  }
}
