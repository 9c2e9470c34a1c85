/// Draws four or six pixels per cell in two colours, as quadrants or sextants. A cell with up to two distinct colours
/// is exact; one with more shows their ``TwoColorSplit``. Where the picture ends inside a cell, the theme's background
/// counts as one of the colours.
///
/// The pixels of a quadrant are half as wide as high and those of a sextant three quarters: a picture takes that many
/// more across, so that it keeps its proportions.
package struct MosaicRenderer: ImageRenderer {
  private let grid: MosaicGrid

  /// - Parameter grid: Quadrants or sextants; braille has a single colour and a renderer of its own.
  package init(_ grid: MosaicGrid) { self.grid = grid }

  package var pixelShape: Size {
    let part = grid.size
    // A cell is twice as high as wide.
    return Size(columns: 2 * part.columns, rows: part.rows)
  }

  package func cells(for pixels: Size) -> Size {
    let part = grid.size
    return Size(
      columns: (pixels.columns + part.columns - 1) / part.columns, rows: (pixels.rows + part.rows - 1) / part.rows)
  }

  package func draw(_ picture: ScaledPicture, into frame: inout Frame, column: Int, row: Int, look: Look) {
    let cells = cells(for: picture.extent)
    let behind = look[.background].background ?? RGB(0, 0, 0)
    for line in 0..<cells.rows {
      for place in 0..<cells.columns {
        let split = TwoColorSplit(pixels(of: picture, place, line, behind: behind))
        let cell = Cell(
          grid.character(split.mask), Style(foreground: split.first, background: split.second))
        let mark = mark(of: picture, place, line)
        frame[column + place, row + line] =
          AlarmPattern.cell(mark, column: place, row: line, look: look) ?? cell
      }
    }
  }

  package func approximatedCells(of picture: ScaledPicture) -> Int {
    let cells = cells(for: picture.extent)
    return (0..<cells.rows).reduce(0) { sum, line in
      sum
        + (0..<cells.columns).count {
          !TwoColorSplit(pixels(of: picture, $0, line, behind: RGB(0, 0, 0))).isExact
        }
    }
  }

  private func pixels(of picture: ScaledPicture, _ column: Int, _ row: Int, behind: RGB) -> [RGB] {
    let (part, extent) = (grid.size, picture.extent)
    return (0..<part.columns * part.rows).map { index in
      let (across, down) = (column * part.columns + index % part.columns, row * part.rows + index / part.columns)
      return across < extent.columns && down < extent.rows ? picture[across, down] : behind
    }
  }

  /// The most serious mark of a cell's pixels.
  private func mark(of picture: ScaledPicture, _ column: Int, _ row: Int) -> PixelMark {
    guard picture.picture.hasMarks else { return .none }
    let (part, extent) = (grid.size, picture.extent)
    var worst = PixelMark.none
    for index in 0..<part.columns * part.rows {
      let (across, down) = (column * part.columns + index % part.columns, row * part.rows + index / part.columns)
      guard across < extent.columns, down < extent.rows else { continue }
      let mark = picture.mark(column: across, row: down)
      if worst == .none || mark == .notANumber { worst = mark == .none ? worst : mark }
    }
    return worst
  }
}
