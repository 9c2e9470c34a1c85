/// Pictures side by side or stacked, each with a title above and a caption below, all at the same scale. Where they do
/// not all fit, only one is shown.
package struct ThreeUp: Sendable {
  /// What is drawn of an item.
  package enum Content: Sendable {
    case picture(Picture)
    case difference(DifferencePicture)
    /// There is nothing yet.
    case missing
    /// An embedding, which is no picture: its captions have its numbers.
    case embedding

    /// The size in pixels; nil without a picture.
    var size: Size? {
      switch self {
      case .picture(let picture): picture.size
      case .difference(let picture): Size(columns: picture.columns, rows: picture.rows)
      case .missing, .embedding: nil
      }
    }

    /// The picture in the colours of a terminal; nil if there is none.
    func picture(tier: ColorTier) -> Picture? {
      switch self {
      case .picture(let picture): picture
      case .difference(let picture): picture.picture(tier: tier)
      case .missing, .embedding: nil
      }
    }
  }

  /// A picture with its texts.
  package struct Item: Sendable {
    /// The text above it.
    package let title: String
    /// The lines below it, most important first.
    package let captions: [String]
    /// The picture.
    package let content: Content

    package init(title: String, captions: [String], content: Content) {
      (self.title, self.captions, self.content) = (title, captions, content)
    }

    package init(title: String, caption: String = "", picture: Picture?) {
      self.init(title: title, captions: [caption], content: picture.map { .picture($0) } ?? .missing)
    }
  }

  /// The place of a picture on the screen.
  package struct Place: Sendable, Equatable {
    /// The index of the picture.
    package let index: Int
    /// The cells of title, picture and caption together.
    package let part: Rect
    /// The cells of the picture alone.
    package let picture: Rect
  }

  /// The pictures: x_t, the predicted original and the noise.
  package let items: [Item]
  /// The index of the picture to show where there is room for only one.
  package let chosen: Int
  /// The region of each picture to show; nil for all of it.
  package let region: PixelRegion?
  /// How the pictures are fitted.
  package let fit: PictureFit

  package init(items: [Item], chosen: Int = 0, region: PixelRegion? = nil, fit: PictureFit = .whole) {
    self.items = items
    self.fit = fit
    self.chosen = max(0, min(items.count - 1, chosen))
    self.region = region
  }

  /// The size of the largest picture: a decoded image is larger than a preview of latents.
  private var pictureSize: Size {
    items.lazy.compactMap(\.content.size).max { $0.columns < $1.columns } ?? Size(columns: 32, rows: 32)
  }

  /// The places and the scale for pictures of a given size; nil where not even one fits.
  package func places(
    pixels: Size, in part: Rect, renderer: any ImageRenderer
  ) -> (places: [Place], scale: ImageScale)? {
    let count = max(1, items.count)
    let fitting = [Size(columns: count, rows: 1), Size(columns: 1, rows: count)].compactMap { grid in
      scale(pixels, grid, part, renderer).map { (grid, $0) }
    }
    // All of them if possible. Of two layouts the one with the larger scale, and side by side rather than stacked.
    let best = fitting.max { $0.1.ratio < $1.1.ratio }
    let single = Size(columns: 1, rows: 1)
    let first =
      fitting.first { $0.1 == best?.1 } ?? scale(pixels, single, part, renderer).map { (single, $0) }
    guard let (grid, scale) = first else { return placeAlone(pixels: pixels, in: part, renderer: renderer) }
    let cells = renderer.cells(for: scale.extent(of: pixels))
    let indices = grid.columns * grid.rows == count ? Array(0..<items.count) : [chosen]
    let places = indices.enumerated().map { order, index in
      place(index, order % grid.columns, order / grid.columns, grid: grid, cells: cells, in: part)
    }
    return (places, scale)
  }

  /// Places the chosen picture without its texts, which would leave it no room.
  private func placeAlone(
    pixels: Size, in part: Rect, renderer: any ImageRenderer
  ) -> (places: [Place], scale: ImageScale)? {
    guard
      let scale = ImageScale.fitting(pixels, renderer, in: part.size, fit: fit)
    else { return nil }
    let cells = renderer.cells(for: scale.extent(of: pixels))
    let picture = Rect(
      column: part.column + (part.columns - cells.columns) / 2, row: part.row + (part.rows - cells.rows) / 2,
      columns: cells.columns, rows: cells.rows)
    return ([Place(index: chosen, part: picture, picture: picture)], scale)
  }

  /// Draws the pictures. Returns the places drawn; empty where there is no room.
  @discardableResult
  package func draw(
    into frame: inout Frame, in part: Rect, renderer kind: ImageRendererKind, look: Look
  ) -> [Place] {
    let renderer = kind.shown(on: look.capabilities).renderer
    let size = pictureSize
    let pixels = region?.size ?? size
    guard !items.isEmpty, let (places, scale) = places(pixels: pixels, in: part, renderer: renderer) else {
      frame.writeMissing("too small", in: part, look: look)
      return []
    }
    for place in places {
      let item = items[place.index]
      let isTitled = place.picture.row > place.part.row
      if isTitled {
        let role: ThemeRole = place.index == chosen ? .text : .dim
        frame.writeCentered(
          item.title.prefix(columns: place.part.columns), look[role], in: place.part, row: place.part.row)
      }
      for (line, caption) in item.captions.enumerated() where place.picture.endRow + line < place.part.endRow {
        frame.writeCentered(
          Self.whole(caption, columns: place.part.columns), look[.dim], in: place.part, row: place.picture.endRow + line
        )
      }
      switch item.content {
      case .picture(let picture):
        draw(picture, of: size, at: scale, into: &frame, in: place.picture, renderer: renderer, look: look)
      case .difference(let picture):
        DifferenceView(picture: picture, region: region, fit: fit, hasLegend: false)
          .draw(into: &frame, in: place.picture, renderer: kind, look: look)
      case .missing: frame.writeMissing("not yet", in: place.picture, look: look)
      case .embedding: frame.writeMissing("an embedding", in: place.picture, look: look)
      }
    }
    return places
  }

  /// Draws a picture, which may be smaller than the others, in the place of one of the usual size.
  private func draw(
    _ picture: Picture, of size: Size, at scale: ImageScale, into frame: inout Frame, in part: Rect,
    renderer: any ImageRenderer, look: Look
  ) {
    let isUsual = picture.size == size
    let own = isUsual ? region : region?.scaled(from: size, to: picture.size)
    let fitting = ImageScale.fitting(own?.size ?? picture.size, renderer, in: part.size, fit: fit)
    guard let scale = isUsual ? scale : fitting else { return }
    let scaled = ScaledPicture(picture: picture, scale: scale, region: own)
    let cells = renderer.cells(for: scaled.extent)
    renderer.draw(
      scaled, into: &frame, column: part.column + (part.columns - cells.columns) / 2,
      row: part.row + (part.rows - cells.rows) / 2, look: look)
  }

  private func scale(_ pixels: Size, _ grid: Size, _ part: Rect, _ renderer: any ImageRenderer) -> ImageScale? {
    let cell = Self.cell(grid, part)
    let texts = texts(rows: cell.rows)
    return ImageScale.fitting(
      pixels, renderer, in: Size(columns: cell.columns, rows: cell.rows - texts.above - texts.below), fit: fit)
  }

  /// The cells of one picture with its texts; a column or row is left between pictures.
  private static func cell(_ grid: Size, _ part: Rect) -> Size {
    Size(columns: (part.columns - grid.columns + 1) / grid.columns, rows: (part.rows - grid.rows + 1) / grid.rows)
  }

  /// As many figures of a caption, with two spaces between them, as fit: a figure that is cut is another one.
  private static func whole(_ caption: String, columns: Int) -> String {
    var rest = caption
    while rest.columns > columns, let gap = rest.ranges(of: "  ").last { rest = String(rest[..<gap.lowerBound]) }
    return String(rest.prefix(columns: columns))
  }

  /// The rows of the texts around a picture: all lines of a caption where that takes a quarter of the rows.
  private func texts(rows: Int) -> (above: Int, below: Int) {
    let lines = items.map(\.captions.count).max() ?? 0
    return (rows >= 6 ? 1 : 0, rows < 10 ? 0 : rows >= 4 * lines ? lines : min(1, lines))
  }

  private func place(_ index: Int, _ column: Int, _ row: Int, grid: Size, cells: Size, in part: Rect) -> Place {
    let cell = Self.cell(grid, part)
    let texts = texts(rows: cell.rows)
    let own = Rect(
      column: part.column + column * (cell.columns + 1), row: part.row + row * (cell.rows + 1), columns: cell.columns,
      rows: cell.rows)
    let free = own.rows - texts.above - texts.below - cells.rows
    let picture = Rect(
      column: own.column + (own.columns - cells.columns) / 2, row: own.row + texts.above + max(0, free) / 2,
      columns: cells.columns, rows: cells.rows)
    let top = picture.row - texts.above
    return Place(
      index: index,
      part: Rect(
        column: own.column, row: top, columns: own.columns, rows: picture.endRow + texts.below - top), picture: picture)
  }
}
