import DiffusionCore
import DiffusionTUI
import FoundationEssentials

/// Where everything stands on a handout's page, in pixels. The PNG and the SVG are drawn from it.
struct HandoutLayout: Sendable {
  /// A line of text of a fixed-width font.
  struct Line: Sendable {
    let text: String
    /// The upper left corner.
    let column, row: Int
    /// The scale of ``PixelFont``.
    let scale: Int
    let isHeading: Bool
  }

  /// A picture, each pixel a square.
  struct Placed: Sendable {
    let picture: Picture
    let column, row: Int
    /// The side of a pixel.
    let scale: Int
  }

  private static let margin = 24, gap = 16
  /// Digits of a hash on the page. Markdown has them all.
  private static let digits = 16

  private(set) var lines: [Line] = []
  private(set) var pictures: [Placed] = []
  let width: Int
  private(set) var height = margin

  /// Lays out a page: heading, settings, figures in rows, then the texts and the commands.
  ///
  /// - Throws: ``DiffusionError``: `usage` if it would be larger than 100 megapixels, `unavailable` if memory is short.
  init(_ handout: Handout, commands: [String]) throws {
    let isMany = handout.figures.count > 12
    let side = isMany ? 128 : 256, columns = min(handout.figures.count, isMany ? 8 : 4)
    let widest = handout.figures.map { $0.picture.columns * Self.scale($0.picture, side: side) }.max() ?? side
    let cell = max(side, widest)
    width = max(2 * Self.margin + columns * (cell + Self.gap) - Self.gap, 640)
    add(handout.title, scale: 3, isHeading: true)
    add(handout.shared.joined(separator: ", "), scale: 2)
    handout.missing.map { add($0, scale: 2) }
    height += Self.gap
    for start in stride(from: 0, to: handout.figures.count, by: columns) {
      add(handout.figures[start..<min(start + columns, handout.figures.count)], cell: cell, side: side)
    }
    for (index, paragraph) in handout.paragraphs.enumerated() {
      add("\(index + 1). \(paragraph)", scale: 2)
      height += Self.gap / 2
    }
    for line in isMany ? Self.summary(of: commands, handout) : commands { add(line, scale: 2) }
    height += Self.margin
    try PixelImage.require(
      width, height, for: "a handout of \(handout.figures.count) pictures", "\(width)x\(height) pixels",
      remedy: "open fewer seeds")
  }

  /// The command of the first of many figures, and in which options those of the others differ from it.
  private static func summary(of commands: [String], _ handout: Handout) -> [String] {
    guard let first = commands.first, commands.count > 1 else { return commands }
    let requests = handout.figures.map(\.request)
    let differing = Setting.all.filter { setting in
      requests.contains { setting.value(of: $0) != requests.first.map { setting.value(of: $0) } }
    }
    let options = differing.map { $0.options.first?.flag ?? $0.label }.joined(separator: ", ")
    return ["The command of the first picture; those of the others differ in \(options):", first]
  }

  private static func scale(_ picture: Picture, side: Int) -> Int {
    max(1, side / max(1, picture.columns, picture.rows))
  }

  /// Adds a row of figures: pictures in line, captions below.
  private mutating func add(_ figures: ArraySlice<Handout.Figure>, cell: Int, side: Int) {
    let textScale = side / 128
    let top = height
    let tallest = figures.map { $0.picture.rows * Self.scale($0.picture, side: side) }.max() ?? 0
    var bottom = top
    for (index, figure) in figures.enumerated() {
      let column = Self.margin + index * (cell + Self.gap)
      pictures.append(
        Placed(picture: figure.picture, column: column, row: top, scale: Self.scale(figure.picture, side: side)))
      height = top + tallest + Self.gap / 4
      let hashes = figure.hashes.map { "\($0.name) \($0.sha256.prefix(Self.digits))" }
      for (place, text) in (figure.caption + hashes).enumerated() {
        add(text, scale: textScale, isHeading: place == 0, column: column, width: cell)
      }
      bottom = max(bottom, height)
    }
    height = bottom + Self.gap
  }

  /// Adds a text, wrapped, below what is there.
  private mutating func add(
    _ text: String, scale: Int, isHeading: Bool = false, column: Int = Self.margin, width: Int? = nil
  ) {
    let columns = (width ?? self.width - 2 * Self.margin) / (PixelFont.advance * scale)
    for line in TextWrap(PrintedText(line: text).text, columns: columns).lines {
      lines.append(Line(text: line, column: column, row: height, scale: scale, isHeading: isHeading))
      height += PixelFont.lineHeight * scale
    }
  }
}

/// Drawing the page.
extension HandoutLayout {
  private static let page: UInt8 = 255
  private static let ink = RGB(32, 32, 32), heading = RGB(0, 0, 0)

  /// The page as a PNG file.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) if libpng fails.
  func png() throws -> [UInt8] {
    var image = PixelImage(width: width, height: height, gray: Self.page)
    for placed in pictures {
      image.draw(PixelImage(placed.picture), column: placed.column, row: placed.row, scale: placed.scale)
    }
    for line in lines {
      let color = line.isHeading ? Self.heading : Self.ink
      image.write(line.text, color, column: line.column, row: line.row, scale: line.scale)
    }
    return try image.png()
  }

  /// The page as an SVG document, with the pictures as PNG inside.
  ///
  /// - Throws: ``DiffusionError`` (`inputOutput`) if libpng fails.
  func svg(title: String) throws -> String {
    var text = [
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(width) \(height)\" width=\"\(width)\" "
        + "height=\"\(height)\">",
      "<title>\(FrameSVG.escaped(title))</title>",
      "<style>text{white-space:pre;fill:#202020;font-family:DejaVu Sans Mono,Menlo,Consolas,monospace}"
        + ".h{fill:#000;font-weight:bold}image{image-rendering:pixelated}</style>",
      "<rect width=\"\(width)\" height=\"\(height)\" fill=\"#fff\"/>",
    ]
    for placed in pictures {
      let data = Data(try PixelImage(placed.picture).png()).base64EncodedString()
      text.append(
        "<image x=\"\(placed.column)\" y=\"\(placed.row)\" width=\"\(placed.picture.columns * placed.scale)\" "
          + "height=\"\(placed.picture.rows * placed.scale)\" preserveAspectRatio=\"none\" "
          + "href=\"data:image/png;base64,\(data)\"/>")
    }
    text += lines.map { line in
      "<text x=\"\(line.column)\" y=\"\(line.row + 7 * line.scale)\" "
        + "font-size=\"\(PixelFont.lineHeight * line.scale)\" "
        + "textLength=\"\(line.text.columns * PixelFont.advance * line.scale)\" lengthAdjust=\"spacingAndGlyphs\""
        + (line.isHeading ? " class=\"h\"" : "") + ">\(FrameSVG.escaped(line.text))</text>"
    }
    return (text + ["</svg>"]).joined(separator: "\n") + "\n"
  }
}
