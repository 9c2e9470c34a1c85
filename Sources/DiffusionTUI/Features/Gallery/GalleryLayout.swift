import DiffusionCore

/// The layout of a gallery's images on a screen: rows of equal cells, on as many pages as needed.
package struct GalleryLayout: Sendable, Equatable {
  /// The first line; nil on a low screen.
  package let header: Rect?
  /// The images.
  package let body: Rect
  /// The details of the image under the cursor; nil on a low screen.
  package let detail: Rect?
  /// The status line.
  package let status: Rect
  /// The keys; nil on a low screen.
  package let footer: Rect?
  /// The scale of the images; nil where not even one fits and entries are listed instead.
  package let scale: ImageScale?
  /// The size of an image, in cells.
  package let picture: Size
  /// The size of an image with its label and margins, in cells.
  package let cell: Size
  /// The number of images in a row.
  package let columns: Int
  /// The number of rows on a page.
  package let rows: Int
  /// The images on the page with the cursor.
  package let page: Range<Int>
  /// The total number of images.
  package let count: Int

  private let sizes: Int
  private let usualSize: Int
  private let size: Int

  /// One way to fill the body.
  private struct Plan {
    let scale: ImageScale?
    let picture, cell: Size
    let columns, rows: Int
    var capacity: Int { columns * rows }
  }

  /// Lays out the gallery of a state; without images if the state has none.
  package init(_ state: State) {
    // A lesson's text has its own part of the screen.
    let space = LessonLayout(state).canvas
    let chrome = Self.chrome(space)
    let parts = Self.lines(chrome, space, statusRows: Self.statusRows(state, space))
    (header, body, detail, status, footer) = (parts.header, parts.body, parts.detail, parts.status, parts.footer)
    let gallery = state.gallery
    count = gallery?.entries.count ?? 0
    let label = gallery.map { $0.entries.labelColumns } ?? 1
    let plans = Self.plans(
      pixels: state.galleryPixels, renderer: state.shownRenderer.renderer, labelColumns: 2 + label,
      filling: state.inspection.fit == .filling ? [count].filter { $0 > 0 } : [], in: parts.body)
    sizes = plans.count
    usualSize = Self.usual(plans, count: count)
    size = min(max(0, usualSize - (gallery?.enlargement ?? 0)), max(0, sizes - 1))
    let plan = plans.isEmpty ? Self.list(labelColumns: 2 + label, in: parts.body) : plans[size]
    (scale, picture, cell, columns, rows) = (plan.scale, plan.picture, plan.cell, plan.columns, plan.rows)
    let perPage = max(1, plan.capacity)
    let first = (gallery?.cursor ?? 0) / perPage * perPage
    page = first..<min(first + perPage, max(first, count))
  }

  /// The number of images on a page.
  package var pageSize: Int { max(1, columns * rows) }
  /// The number of pages.
  package var pages: Int { (count + pageSize - 1) / pageSize }
  /// The page with the cursor, from 1.
  package var pageNumber: Int { page.lowerBound / pageSize + 1 }
  /// Whether a line below each image shows its seed or prompt.
  package var hasLabels: Bool { cell.rows > picture.rows }

  /// The enlargement after a change by some sizes, limited to the sizes available.
  package func enlargement(after change: Int) -> Int {
    usualSize - min(max(0, size - change), max(0, sizes - 1))
  }

  /// The part of the screen for an image of the page.
  package func part(of index: Int) -> Rect {
    let place = index - page.lowerBound
    let margin = max(0, body.columns - columns * cell.columns + 1) / 2
    return Rect(
      column: body.column + margin + place % columns * cell.columns,
      row: body.row + place / columns * cell.rows, columns: cell.columns - 1, rows: cell.rows)
  }

  /// The image at a position on the screen; nil outside all images.
  package func index(column: Int, row: Int) -> Int? { page.first { part(of: $0).contains(column: column, row: row) } }

  private static func chrome(_ size: Size) -> Chrome {
    Chrome(
      timelineRows: 0, hasCaption: false, hasHeader: size.rows >= 8, hasFooter: size.rows >= 12,
      hasSettings: size.rows >= 10, hasRule: false)
  }

  /// The rows of the status line: as many as the run's status needs on a wide screen, one for the gallery on a narrow
  /// one.
  private static func statusRows(_ state: State, _ space: Size) -> Int {
    guard space.columns >= 60 else { return 1 }
    return min(StatusLine(state: state).lines(columns: space.columns).count, max(1, space.rows - 2))
  }

  private static func lines(
    _ chrome: Chrome, _ size: Size, statusRows: Int
  ) -> (header: Rect?, body: Rect, detail: Rect?, status: Rect, footer: Rect?) {
    func line(_ row: Int, _ rows: Int = 1) -> Rect {
      Rect(column: 0, row: max(0, row), columns: size.columns, rows: rows)
    }
    let top = chrome.hasHeader ? 1 : 0
    let end = size.rows - statusRows - (chrome.hasFooter ? 1 : 0)
    let bodyEnd = end - (chrome.hasSettings ? 1 : 0)
    return (
      chrome.hasHeader ? line(0) : nil,
      Rect(column: 0, row: top, columns: size.columns, rows: bodyEnd - top),
      chrome.hasSettings ? line(bodyEnd) : nil, line(end, statusRows), chrome.hasFooter ? line(end + statusRows) : nil
    )
  }

  /// Every size at which an image fits, largest first: whole multiples, whole fractions that leave at least eight
  /// pixels per side, and the largest size at which all images fit on the page.
  private static func plans(
    pixels: Size, renderer: any ImageRenderer, labelColumns: Int, filling counts: [Int], in body: Rect
  ) -> [Plan] {
    let shortest = min(pixels.columns, pixels.rows), shape = renderer.pixelShape
    let step = ImageScale.wholeStep(shape)
    let strides = (2...max(2, shortest)).filter { ($0 & ($0 - 1)) == 0 && (shortest + $0 - 1) / $0 >= 8 }
    let whole = [4, 3, 2, 1].map { ImageScale($0 * step, of: 1, pixelShape: shape) }
    let less = strides.map { ImageScale(1, of: $0, pixelShape: shape) }
    let filling = counts.compactMap { fitting($0, pixels, renderer, labelColumns: labelColumns, in: body) }
    let scales = (whole + less + filling).sorted { $0.ratio > $1.ratio }
    return scales.indices.filter { $0 == 0 || scales[$0] != scales[$0 - 1] }.map { scales[$0] }.compactMap { scale in
      let picture = renderer.cells(for: scale.extent(of: pixels))
      let isLabelled = body.rows > picture.rows
      let columns = max(picture.columns, isLabelled ? min(labelColumns, body.columns) : 0) + 1
      let rows = picture.rows + (isLabelled ? 1 : 0)
      let plan = Plan(
        scale: scale, picture: picture, cell: Size(columns: columns, rows: rows),
        columns: (body.columns + 1) / columns, rows: body.rows / max(1, rows))
      return plan.capacity > 0 ? plan : nil
    }
  }

  /// The largest scale at which a number of images fits on the page, each with its label.
  private static func fitting(
    _ count: Int, _ pixels: Size, _ renderer: any ImageRenderer, labelColumns: Int, in body: Rect
  ) -> ImageScale? {
    (1...min(count, max(1, body.columns))).compactMap { columns in
      let cell = Size(columns: (body.columns + 1) / columns, rows: body.rows / ((count + columns - 1) / columns))
      guard cell.columns > labelColumns else { return nil }
      let limit = Size(columns: cell.columns - 1, rows: cell.rows - 1)
      return ImageScale.fitting(pixels, renderer, in: limit, fit: .filling)
    }
    .max { $0.ratio < $1.ratio }
  }

  /// A list of entries without images, one per row.
  private static func list(labelColumns: Int, in body: Rect) -> Plan {
    let columns = min(max(1, labelColumns + 1), max(1, body.columns + 1))
    return Plan(
      scale: nil, picture: Size(columns: 0, rows: 0), cell: Size(columns: columns, rows: 1),
      columns: max(1, (body.columns + 1) / columns), rows: max(1, body.rows))
  }

  /// The initial size of a gallery: the largest, down to a half, that shows all images on one page, or else twelve;
  /// failing that, the size that shows the most, or the largest that shows twelve.
  private static func usual(_ plans: [Plan], count: Int) -> Int {
    let legible = plans.filter { ($0.scale?.ratio ?? 1) >= 0.5 }
    for enough in [count, min(count, 12)] {
      if let index = legible.firstIndex(where: { $0.capacity >= enough }) { return index }
    }
    let most = legible.map(\.capacity).max() ?? 0
    if most >= min(count, 4), let index = legible.firstIndex(where: { $0.capacity == most }) { return index }
    return plans.firstIndex { $0.capacity >= min(count, 12) } ?? max(0, plans.count - 1)
  }
}

extension State {
  /// The size of an image, in pixels.
  var galleryPixels: Size {
    layoutPictureSize
  }
}

extension GalleryEntries {
  /// The columns below an image for its label: those of a number, and of most prompts.
  fileprivate var labelColumns: Int {
    switch self {
    case .seeds: [self[0], self[count - 1]].map(\.label.columns).max() ?? 1
    case .prompts, .classes: min(14, all.map(\.label.columns).max() ?? 1)
    }
  }
}
