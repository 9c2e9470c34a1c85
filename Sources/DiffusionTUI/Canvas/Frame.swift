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

extension Frame {
  /// Writes text from a place to the right, up to but not on `end`; what does not fit is cut. Returns the next column.
  @discardableResult
  package mutating func write(_ text: String, _ style: Style, column: Int, row: Int, end: Int) -> Int {
    var column = column
    for character in text {
      guard column < end else { break }
      self[column, row] = Cell(character.isOneColumn ? character : "?", style)
      column += 1
    }
    return column
  }

  /// Writes text so that it ends just before `end`, no further left than `start`.
  package mutating func write(_ text: String, _ style: Style, endingAt end: Int, row: Int, start: Int) {
    write(text, style, column: max(start, end - text.count), row: row, end: end)
  }

  /// Writes text in the middle of a part's row.
  package mutating func writeCentered(_ text: String, _ style: Style, in part: Rect, row: Int) {
    write(
      text, style, column: part.column + max(0, (part.columns - text.count) / 2), row: row, end: part.endColumn)
  }

  /// Copies a smaller frame into the upper left corner.
  package mutating func copy(_ other: Frame) {
    for row in 0..<other.size.rows {
      for column in 0..<other.size.columns { self[column, row] = other[column, row] }
    }
  }

  /// Fills a part with one cell.
  package mutating func fill(_ part: Rect, _ cell: Cell) {
    for row in part.row..<max(part.row, part.endRow) {
      for column in part.column..<max(part.column, part.endColumn) { self[column, row] = cell }
    }
  }
}

extension Character {
  /// Whether a terminal gives it one column: Latin, Greek and Cyrillic letters, and the signs, arrows, lines and blocks
  /// that are not emoji. Everything else, controls included, is not let onto the screen.
  var isOneColumn: Bool {
    guard unicodeScalars.count == 1, let scalar = unicodeScalars.first else { return false }
    switch scalar.value {
    case 0x20...0x7E, 0xA1...0xAC, 0xAE...0x2FF, 0x370...0x482, 0x48A...0x52F: return true
    case 0x2010...0x2027, 0x2030...0x205E, 0x2070...0x209C, 0x2190...0x21FF, 0x2200...0x22FF: return true
    case 0x2500...0x25FC, 0x25FF: return !scalar.properties.isEmojiPresentation
    default: return false
    }
  }
}
