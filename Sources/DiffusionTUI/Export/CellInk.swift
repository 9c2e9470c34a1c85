/// The part of its cell that a character fills, where that is one rectangle: eighth blocks and horizontal lines. Drawn
/// this way, lines have no gaps and end in the right place in any font.
struct CellInk: Equatable {
  /// The size of a cell, in the unit of the numbers below.
  static let cell = Size(columns: 8, rows: 16)

  /// The rectangle, relative to the cell's upper-left corner.
  let left, top, width, height: Int

  /// Creates the rectangle of a character; nil for one that is drawn as text, or as two halves.
  init?(_ character: Character) {
    guard let code = character.unicodeScalars.first?.value, character.unicodeScalars.count == 1 else { return nil }
    switch code {
    case 0x2500: self.init(left: 0, top: 8, width: 8, height: 1)
    case 0x2501: self.init(left: 0, top: 7, width: 8, height: 3)
    case 0x2508: self.init(left: 2, top: 8, width: 3, height: 1)
    case 0x2578: self.init(left: 0, top: 7, width: 4, height: 3)
    case 0x2581...0x2583, 0x2585...0x2587:
      let height = 2 * Int(code - 0x2580)
      self.init(left: 0, top: Self.cell.rows - height, width: 8, height: height)
    case 0x2589...0x258F: self.init(left: 0, top: 0, width: Int(0x2590 - code), height: Self.cell.rows)
    default: return nil
    }
  }

  private init(left: Int, top: Int, width: Int, height: Int) {
    self.left = left
    self.top = top
    self.width = width
    self.height = height
  }

  /// The rectangles of a quadrant, sextant or braille character; a braille dot is smaller than its share of the cell.
  static func mosaic(_ character: Character) -> [CellInk] {
    guard let (grid, mask) = MosaicGrid.reading(character) else { return [] }
    let parts = grid.size
    return (0..<parts.columns * parts.rows).filter { mask >> $0 & 1 == 1 }.map { index in
      let width = cell.columns / parts.columns
      let top = index / parts.columns * cell.rows / parts.rows
      let bottom = (index / parts.columns + 1) * cell.rows / parts.rows
      let margin = grid == .braille ? 1 : 0
      return CellInk(
        left: index % parts.columns * width + margin, top: top + margin, width: width - 2 * margin,
        height: bottom - top - 2 * margin)
    }
  }

  /// Whether it joins its neighbours without a gap.
  var spansCell: Bool { width == Self.cell.columns }
}
