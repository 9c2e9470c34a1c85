/// The mark around the selected pixel: brackets or a reversed cell over the cells that show it.
package struct PixelCursor {
  /// The pixel.
  package let place: PixelPlace

  package init(place: PixelPlace) { self.place = place }

  /// The cells that show the pixel, for a picture drawn with its upper-left corner at a position; nil where it is not
  /// shown.
  package func cells(of picture: ScaledPicture, renderer: any ImageRenderer, column: Int, row: Int) -> Rect? {
    guard picture.region.contains(place) else { return nil }
    let shown = picture.shown(of: place)
    let (across, down) = (shown.column, shown.row)
    // From the size of the pixels before it, rounded down to whole cells, to the size of those up to its end.
    let all = renderer.cells(for: picture.extent)
    let extent = picture.extent
    let left = across * all.columns / max(1, extent.columns)
    let top = down * all.rows / max(1, extent.rows)
    let end = renderer.cells(for: Size(columns: across + shown.columns, rows: down + shown.rows))
    return Rect(
      column: column + left, row: row + top, columns: max(1, end.columns - left), rows: max(1, end.rows - top))
  }

  /// Draws the mark: the corners of a pixel at least four columns wide, else all of its cells reversed.
  package func draw(
    into frame: inout Frame, on picture: ScaledPicture, renderer: any ImageRenderer, column: Int, row: Int, look: Look
  ) {
    guard let part = cells(of: picture, renderer: renderer, column: column, row: row) else { return }
    let style = Style(
      foreground: look[.accent].foreground, background: look[.background].background, attributes: [.bold])
    for line in part.row..<part.endRow {
      if part.columns >= 4 {
        frame[part.column, line] = Cell("[", style)
        frame[part.endColumn - 1, line] = Cell("]", style)
      } else {
        for place in part.column..<part.endColumn { frame[place, line] = Cell("+", style) }
      }
    }
  }
}
