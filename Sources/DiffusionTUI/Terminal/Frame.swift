/// A whole screen as cells, row by row. Views write into it; terminals and snapshots show it.
public struct Frame: Sendable, Hashable {
  /// How large it is.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]
  /// The images that cells name, each number once. Empty unless a view drew for a terminal that can show pixels.
  package private(set) var images: [PlacedImage] = []

  /// Makes a frame of empty cells.
  public init(size: Size, filling cell: Cell = Cell()) {
    self.size = size
    cells = Array(repeating: cell, count: size.columns * size.rows)
  }

  /// The cell at a place. Reading outside of the frame gives an empty cell; writing there does nothing.
  public subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * size.columns + column] : Cell() }
    set { if contains(column, row) { cells[row * size.columns + column] = newValue } }
  }

  /// Puts an image into the cells of its place. What is written over them later covers it.
  package mutating func place(_ image: PlacedImage, background: RGB?) {
    var image = image
    // The same image twice is one; another of the same number takes the next.
    while let other = images.first(where: { $0.identifier == image.identifier }), other.hash != image.hash {
      let numbers = PlacedImage.identifiers
      image.identifier = image.identifier == numbers.upperBound ? numbers.lowerBound : image.identifier + 1
    }
    if !images.contains(where: { $0.identifier == image.identifier }) { images.append(image) }
    let style = Style(foreground: image.color, background: background)
    for row in 0..<image.place.rows {
      for column in 0..<image.place.columns {
        guard let character = KittyDiacritics.cell(row: row, column: column) else { continue }
        self[image.place.column + column, image.place.row + row] = Cell(character, style)
      }
    }
  }

  private func contains(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && column < size.columns && row >= 0 && row < size.rows
  }
}
