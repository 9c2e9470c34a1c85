/// A grid of dots on the screen for drawing curves: eight dots per cell in braille, or one mark per cell where there is
/// no Unicode, or where only marks can tell curves apart.
package struct DotCanvas: Sendable {
  /// The cells to draw in.
  package let part: Rect
  /// The number of dots, across and down.
  package let size: Size
  private let usesBraille: Bool
  private var masks: [Int]
  private var owners: [Int]

  /// - Parameters:
  ///   - part: The cells to draw in.
  ///   - usesBraille: Whether a cell has eight dots rather than one.
  package init(part: Rect, usesBraille: Bool) {
    self.part = part
    self.usesBraille = usesBraille
    let dots = usesBraille ? MosaicGrid.braille.size : Size(columns: 1, rows: 1)
    size = Size(columns: part.columns * dots.columns, rows: part.rows * dots.rows)
    masks = Array(repeating: 0, count: part.columns * part.rows)
    owners = Array(repeating: 0, count: part.columns * part.rows)
  }

  /// Sets a dot of a curve; dots outside the grid are ignored. A cell has the style of the latest curve.
  package mutating func set(column: Int, row: Int, curve: Int) {
    guard (0..<size.columns).contains(column), (0..<size.rows).contains(row) else { return }
    let dots = usesBraille ? MosaicGrid.braille.size : Size(columns: 1, rows: 1)
    let cell = row / dots.rows * part.columns + column / dots.columns
    masks[cell] |= 1 << (row % dots.rows * dots.columns + column % dots.columns)
    owners[cell] = curve
  }

  /// Draws a line between two dots, both included (Bresenham 1965).
  package mutating func line(from start: PixelPlace, to end: PixelPlace, curve: Int) {
    let (across, down) = (abs(end.column - start.column), -abs(end.row - start.row))
    let step = (column: start.column < end.column ? 1 : -1, row: start.row < end.row ? 1 : -1)
    var place = start
    var error = across + down
    while true {
      set(column: place.column, row: place.row, curve: curve)
      if place == end { return }
      let doubled = 2 * error
      if doubled >= down {
        error += down
        place.column += step.column
      }
      if doubled <= across {
        error += across
        place.row += step.row
      }
    }
  }

  /// Draws the dots into a frame; cells without dots are left alone.
  ///
  /// - Parameters:
  ///   - mark: The mark of a curve, where each cell has one.
  ///   - style: The style of a curve.
  package func draw(into frame: inout Frame, mark: (Int) -> Character, style: (Int) -> Style) {
    for (index, mask) in masks.enumerated() where mask != 0 {
      let character = usesBraille ? MosaicGrid.braille.character(mask) : mark(owners[index])
      frame[part.column + index % part.columns, part.row + index / part.columns] = Cell(
        character, style(owners[index]))
    }
  }
}
