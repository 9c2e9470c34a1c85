/// Which part of a picture is shown, and which pixel is pointed at: zoom by powers of two, a centre that follows the
/// cursor, and never a place outside of the picture. The part is then shown at the largest whole scale that fits, as
/// any picture is.
package struct Viewport: Sendable, Hashable {
  /// How large the picture is, in pixels; at least one pixel.
  package let picture: Size
  /// How many times smaller than the picture the part is, each way: 1, 2, 4 ...
  package private(set) var factor = 1
  /// The pixel in the middle of the part, or as near to it as the picture's edges let it.
  package private(set) var center: PixelPlace
  /// The pixel that is pointed at; nil while none is.
  package private(set) var cursor: PixelPlace?

  /// All of a picture, and no cursor.
  package init(picture: Size) {
    self.picture = Size(columns: max(1, picture.columns), rows: max(1, picture.rows))
    center = PixelPlace(column: self.picture.columns / 2, row: self.picture.rows / 2)
  }

  /// A part of a picture as it was: what is out of range becomes the nearest that is not.
  package init(picture: Size, factor: Int, center: PixelPlace, cursor: PixelPlace?) {
    self.init(picture: picture)
    while self.factor < min(factor, maximumFactor) { self.factor *= 2 }
    self.center = clamped(center)
    self.cursor = cursor.map(clamped)
  }

  /// The largest factor: the shorter side is then four pixels, or all it has.
  package var maximumFactor: Int {
    var factor = 1
    while min(picture.columns, picture.rows) / (2 * factor) >= 4 { factor *= 2 }
    return factor
  }

  /// The part that is shown.
  package var region: PixelRegion {
    let columns = (picture.columns + factor - 1) / factor
    let rows = (picture.rows + factor - 1) / factor
    return PixelRegion(
      column: max(0, min(picture.columns - columns, center.column - columns / 2)),
      row: max(0, min(picture.rows - rows, center.row - rows / 2)), columns: columns, rows: rows)
  }

  /// Half as much, about the cursor where there is one.
  package mutating func zoomIn() {
    factor = min(maximumFactor, 2 * factor)
    if let cursor { center = cursor }
  }

  /// Twice as much.
  package mutating func zoomOut() { factor = max(1, factor / 2) }

  /// Points at a pixel, or moves to the nearest one inside; the part follows where it must.
  package mutating func point(at place: PixelPlace) {
    let place = clamped(place)
    cursor = place
    if !region.contains(place) { center = place }
  }

  /// Moves the cursor; the first move puts it in the middle of the part.
  package mutating func moveCursor(columns: Int, rows: Int) {
    guard let cursor else {
      let region = region
      return point(at: PixelPlace(column: region.column + region.columns / 2, row: region.row + region.rows / 2))
    }
    point(at: PixelPlace(column: cursor.column + columns, row: cursor.row + rows))
  }

  /// The same part and pixel of a picture of another size, where they are still inside.
  package func applied(to picture: Size) -> Viewport {
    guard picture != self.picture else { return self }
    var other = Viewport(picture: picture)
    other.factor = min(factor, other.maximumFactor)
    other.center = other.clamped(center)
    other.cursor = cursor.map(other.clamped)
    return other
  }

  /// `whole picture`, or which columns and rows are shown.
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
