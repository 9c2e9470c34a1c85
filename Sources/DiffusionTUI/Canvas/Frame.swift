/// A whole screen of cells, row by row. Views write into it; terminals and snapshots show it.
public struct Frame: Sendable, Hashable {
  /// The size in cells.
  public let size: Size
  /// The cells, row by row.
  public private(set) var cells: [Cell]
  /// The images that cells refer to, each number once. Empty unless a view drew for a terminal that can show pixels.
  package private(set) var images: [PlacedImage] = []

  /// Creates a frame filled with a cell; only its style is used if it is a half.
  public init(size: Size, filling cell: Cell = Cell()) {
    self.size = size
    let filling = cell.part == .whole ? cell : Cell(" ", cell.style)
    cells = Array(repeating: filling, count: size.columns * size.rows)
  }

  /// The cell at a position. Reading outside the frame gives an empty cell; writing there does nothing. Overwriting one
  /// half of a wide character erases both.
  public subscript(column: Int, row: Int) -> Cell {
    get { contains(column, row) ? cells[row * size.columns + column] : Cell() }
    set {
      guard contains(column, row) else { return }
      let place = row * size.columns + column
      switch newValue.part {
      case .whole:
        if cells[place].part != .whole { removeWide(at: place) }
        cells[place] = newValue
      case .leftHalf: setWide(newValue, at: place, hasRoom: column + 1 < size.columns)
      case .rightHalf: setRightHalf(newValue, at: place, hasLeft: column > 0)
      }
    }
  }

  private mutating func setWide(_ cell: Cell, at place: Int, hasRoom: Bool) {
    removeWide(at: place)
    guard hasRoom else {
      cells[place] = Cell(" ", cell.style)
      return
    }
    removeWide(at: place + 1)
    cells[place] = cell
    cells[place + 1] = cell
    cells[place + 1].part = .rightHalf
  }

  /// Sets a right half. Writing the left half has already set it, so that only the style of both is left to change.
  private mutating func setRightHalf(_ cell: Cell, at place: Int, hasLeft: Bool) {
    if hasLeft, cells[place - 1].part == .leftHalf, cells[place - 1].character == cell.character {
      cells[place - 1].style = cell.style
      cells[place].style = cell.style
    } else {
      removeWide(at: place)
      cells[place] = Cell(" ", cell.style)
    }
  }

  private mutating func removeWide(at place: Int) {
    let other: Int
    switch cells[place].part {
    case .whole: return
    case .leftHalf: other = place + 1
    case .rightHalf: other = place - 1
    }
    for half in [place, other] { cells[half] = Cell(" ", cells[half].style) }
  }

  /// Puts an image into the cells of its place. Whatever is written over them later covers it.
  package mutating func place(_ image: PlacedImage, background: RGB?) {
    var image = image
    // The same image twice counts as one; a different image with the same number takes the next one.
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

  /// The characters of a row; a wide one appears once.
  package func text(row: Int) -> String {
    String((0..<size.columns).map { self[$0, row] }.filter { $0.part != .rightHalf }.map(\.character))
  }

  private func contains(_ column: Int, _ row: Int) -> Bool {
    column >= 0 && column < size.columns && row >= 0 && row < size.rows
  }
}

extension Frame {
  /// Writes text from a position to the right, up to but not including column `end`. What does not fit is cut between
  /// characters. Returns the next column.
  @discardableResult
  package mutating func write(_ text: String, _ style: Style, column: Int, row: Int, end: Int) -> Int {
    var column = column
    for character in text {
      let glyphs = TextMeasure.system.glyphs(of: character)
      guard column + glyphs.reduce(0, { $0 + $1.columns }) <= end else { break }
      for glyph in glyphs {
        var cell = Cell(glyph.character, style)
        if glyph.columns > 1 { cell.part = .leftHalf }
        self[column, row] = cell
        column += glyph.columns
      }
    }
    return column
  }

  /// Writes text so that it ends just before `end`, no further left than `start`.
  package mutating func write(_ text: String, _ style: Style, endingAt end: Int, row: Int, start: Int) {
    write(text, style, column: max(start, end - text.columns), row: row, end: end)
  }

  /// Writes text centred in a row of a rectangle.
  package mutating func writeCentered(_ text: String, _ style: Style, in part: Rect, row: Int) {
    write(
      text, style, column: part.column + max(0, (part.columns - text.columns) / 2), row: row, end: part.endColumn)
  }

  /// Copies a smaller frame into the upper-left corner.
  package mutating func copy(_ other: Frame) {
    for row in 0..<other.size.rows {
      for column in 0..<other.size.columns { self[column, row] = other[column, row] }
    }
  }

  /// Fills a rectangle with one cell.
  package mutating func fill(_ part: Rect, _ cell: Cell) {
    for row in part.row..<max(part.row, part.endRow) {
      for column in part.column..<max(part.column, part.endColumn) { self[column, row] = cell }
    }
  }

  /// The frame for an ASCII-only terminal: every non-ASCII character becomes a question mark.
  package var inASCII: Frame {
    var frame = self
    for index in cells.indices where !cells[index].character.isASCII {
      frame.cells[index] = Cell("?", cells[index].style)
    }
    return frame
  }
}
