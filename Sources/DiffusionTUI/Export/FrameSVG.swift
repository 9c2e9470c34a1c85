/// A frame as an SVG image on a grid of cells. Blocks and lines are rectangles, so that the image is exact in any font.
/// Every run of text has its own position, so that fonts of another width do not shift it.
public struct FrameSVG: Sendable {
  /// The document.
  public let text: String

  private static let cellWidth = CellInk.cell.columns
  private static let cellHeight = CellInk.cell.rows
  private let frame: Frame
  private let foreground, background: RGB

  /// Draws a frame with the colours of a tier; the given colours stand for the terminal's defaults.
  public init(
    _ frame: Frame, tier: ColorTier = .trueColor, foreground: RGB = RGB(216, 222, 228),
    background: RGB = RGB(17, 21, 26), title: String = "diffusion-tui"
  ) {
    let frame = tier == .trueColor ? frame : frame.reduced(to: tier)
    let writer = FrameSVG(frame: frame, foreground: foreground, background: background)
    let width = frame.size.columns * Self.cellWidth
    let height = frame.size.rows * Self.cellHeight
    var lines = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" "
        + "width=\"\(width)\" height=\"\(height)\">",
      "<title>\(Self.escaped(PrintedText(line: title).text))</title>",
      "<style>text{white-space:pre}.b{font-weight:bold}.d{opacity:.6}.u{text-decoration:underline}</style>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"\(Self.hex(writer.pageColor))\"/>",
    ]
    lines.append("<g shape-rendering=\"crispEdges\">")
    for row in 0..<frame.size.rows { lines += writer.rectangles(row) + writer.inks(row) + writer.mosaics(row) }
    lines.append("</g>")
    lines.append("<g font-size=\"13\" font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\">")
    for row in 0..<frame.size.rows { lines += writer.texts(row) }
    lines += ["</g>", "</svg>\n"]
    self.init(frame: frame, foreground: foreground, background: background, text: lines.joined(separator: "\n"))
  }

  private init(frame: Frame, foreground: RGB, background: RGB, text: String = "") {
    self.frame = frame
    self.foreground = foreground
    self.background = background
    self.text = text
  }

  /// The most common background colour of the first row.
  private var pageColor: RGB { frame[0, 0].style.background ?? background }

  private func colors(_ cell: Cell) -> (front: RGB, behind: RGB) {
    let front = cell.style.foreground ?? foreground
    let behind = cell.style.background ?? background
    return cell.style.attributes.contains(.reverse) ? (behind, front) : (front, behind)
  }

  /// The colours of a cell's upper and lower half, without its text.
  private func halves(_ cell: Cell) -> (upper: RGB, lower: RGB) {
    let (front, behind) = colors(cell)
    if let pixels = frame.pixels(of: cell) { return pixels }
    switch cell.character {
    case "\u{2580}": return (front, behind)
    case "\u{2584}": return (behind, front)
    case "\u{2588}": return (front, front)
    default: return (behind, behind)
    }
  }

  private func rectangles(_ row: Int) -> [String] {
    var lines: [String] = []
    let all = (0..<frame.size.columns).map { halves(frame[$0, row]) }
    let top = row * Self.cellHeight
    let half = Self.cellHeight / 2
    for run in Self.runs(all, where: { $0 == $1 }) where all[run.lowerBound].upper == all[run.lowerBound].lower {
      if all[run.lowerBound].upper != pageColor {
        lines.append(rectangle(run, top: top, height: Self.cellHeight, all[run.lowerBound].upper))
      }
    }
    for run in Self.runs(all, where: { $0.upper == $1.upper && ($0.upper == $0.lower) == ($1.upper == $1.lower) }) {
      let first = all[run.lowerBound]
      if first.upper != first.lower { lines.append(rectangle(run, top: top, height: half, first.upper)) }
    }
    for run in Self.runs(all, where: { $0.lower == $1.lower && ($0.upper == $0.lower) == ($1.upper == $1.lower) }) {
      let first = all[run.lowerBound]
      if first.upper != first.lower { lines.append(rectangle(run, top: top + half, height: half, first.lower)) }
    }
    return lines
  }

  private func rectangle(_ run: Range<Int>, top: Int, height: Int, _ color: RGB) -> String {
    "<rect x=\"\(run.lowerBound * Self.cellWidth)\" y=\"\(top)\" width=\"\(run.count * Self.cellWidth)\""
      + " height=\"\(height)\" fill=\"\(Self.hex(color))\"/>"
  }

  /// The eighth blocks and lines of a row; equal neighbours that join are merged.
  private func inks(_ row: Int) -> [String] {
    let cells = (0..<frame.size.columns).map { frame[$0, row] }
    let runs = Self.runs(cells) {
      $0.character == $1.character && $0.style == $1.style && CellInk($0.character)?.spansCell == true
    }
    return runs.compactMap { run in
      let cell = cells[run.lowerBound]
      guard let ink = CellInk(cell.character) else { return nil }
      let width = (run.count - 1) * Self.cellWidth + ink.width
      let faint = cell.style.attributes.contains(.dim) ? " opacity=\".6\"" : ""
      return "<rect x=\"\(run.lowerBound * Self.cellWidth + ink.left)\" y=\"\(row * Self.cellHeight + ink.top)\""
        + " width=\"\(width)\" height=\"\(ink.height)\" fill=\"\(Self.hex(colors(cell).front))\"\(faint)/>"
    }
  }

  /// The quadrants, sextants and braille dots of a row, as rectangles.
  private func mosaics(_ row: Int) -> [String] {
    (0..<frame.size.columns).flatMap { column -> [String] in
      let cell = frame[column, row]
      guard CellInk(cell.character) == nil else { return [] }
      let color = Self.hex(colors(cell).front)
      return CellInk.mosaic(cell.character).map { ink in
        "<rect x=\"\(column * Self.cellWidth + ink.left)\" y=\"\(row * Self.cellHeight + ink.top)\""
          + " width=\"\(ink.width)\" height=\"\(ink.height)\" fill=\"\(color)\"/>"
      }
    }
  }

  /// Whether a cell is drawn with rectangles alone.
  private static func isDrawn(_ character: Character) -> Bool {
    character == " " || ("\u{2580}"..."\u{258F}").contains(character) || CellInk(character) != nil
      || MosaicGrid.reading(character) != nil || KittyDiacritics.isPlaceholder(character)
  }

  /// The words of a row, each as its own text, so that a font of another width cannot shift what follows. Wide
  /// characters are separate, because in few fonts they are exactly twice as wide.
  private func texts(_ row: Int) -> [String] {
    let cells = (0..<frame.size.columns).map { frame[$0, row] }
    let runs = Self.runs(cells) {
      $0.style == $1.style && ($0.part == .whole) == ($1.part == .whole)
        && Self.isDrawn($0.character) == Self.isDrawn($1.character)
    }
    return runs.compactMap { run in
      let first = cells[run.lowerBound]
      guard !Self.isDrawn(first.character) else { return nil }
      let text = String(cells[run].filter { $0.part != .rightHalf }.map(\.character))
      let attributes = first.style.attributes
      let classes = [(Style.Attributes.bold, "b"), (.dim, "d"), (.underline, "u")]
        .filter { attributes.contains($0.0) }.map(\.1).joined(separator: " ")
      return "<text x=\"\(run.lowerBound * Self.cellWidth)\" y=\"\(row * Self.cellHeight + 12)\""
        + " textLength=\"\(run.count * Self.cellWidth)\" lengthAdjust=\"spacingAndGlyphs\""
        + (classes.isEmpty ? "" : " class=\"\(classes)\"") + " fill=\"\(Self.hex(colors(first).front))\">"
        + Self.escaped(text) + "</text>"
    }
  }

  /// The ranges of equal neighbours.
  private static func runs<Element>(_ elements: [Element], where isAlike: (Element, Element) -> Bool) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    var start = 0
    for index in elements.indices where index + 1 == elements.count || !isAlike(elements[index], elements[index + 1]) {
      runs.append(start..<index + 1)
      start = index + 1
    }
    return runs
  }

  private static func hex(_ color: RGB) -> String {
    let number = Int(color.red) << 16 | Int(color.green) << 8 | Int(color.blue)
    let digits = String(number, radix: 16)
    return "#" + String(repeating: "0", count: 6 - digits.count) + digits
  }

  /// The text of an XML element.
  package static func escaped(_ text: String) -> String {
    text.map { character in
      switch character {
      case "&": "&amp;"
      case "<": "&lt;"
      case ">": "&gt;"
      default: String(character)
      }
    }.joined()
  }
}

extension Frame {
  /// The frame in the colours that a tier has, as a terminal with xterm's palette shows it.
  func reduced(to tier: ColorTier) -> Frame {
    var reduced = self
    for row in 0..<size.rows {
      for column in 0..<size.columns {
        let colors = ColorPalette.colors(of: self[column, row], tier)
        reduced[column, row].style.foreground = ColorPalette.rgb(of: colors.foreground)
        reduced[column, row].style.background = ColorPalette.rgb(of: colors.background)
      }
    }
    return reduced
  }

  /// The two pixels that a placeholder cell of an image shows, upper and lower; nil for other cells.
  func pixels(of cell: Cell) -> (upper: RGB, lower: RGB)? {
    guard !images.isEmpty, KittyDiacritics.isPlaceholder(cell.character),
      let image = images.first(where: { $0.color == cell.style.foreground })
    else { return nil }
    let indices = cell.character.unicodeScalars.dropFirst().compactMap { KittyDiacritics.scalars.firstIndex(of: $0) }
    guard indices.count == 2 else { return nil }
    // Pixels are square, so that one scale holds for both directions.
    let column = indices[1] * image.size.columns / image.place.columns
    let rows = [2 * indices[0], 2 * indices[0] + 1].map { $0 * image.size.columns / image.place.columns }
    let behind = cell.style.background ?? RGB(0, 0, 0)
    return (image[column, rows[0]], rows[1] < image.size.rows ? image[column, rows[1]] : behind)
  }
}
