import DiffusionCore

/// The attention of the step under the cursor: a map for each token over the picture, or one of them large.
package struct AttentionPane {
  package let state: State
  package let layout: Layout

  package func draw(into frame: inout Frame, look: Look) {
    guard let part = layout.attention, let choice = state.attentionChoice else { return }
    if let title = layout.caption {
      PaneTitle(state: state, index: state.focus).draw(into: &frame, in: title, look: look)
    }
    guard let maps = state.tokenMaps, !maps.tokens.isEmpty else {
      return frame.writeMissing(state.reasonAgainstAttention ?? "", in: part, look: look)
    }
    let chosen = min(choice.token, maps.tokens.count - 1)
    let hasCaption = part.rows >= 5
    if hasCaption { drawCaption(into: &frame, in: part.rows(from: part.rows - 1, count: 1), look) }
    let space = part.rows(from: 0, count: part.rows - (hasCaption ? 1 : 0))
    let grid = TokenGrid(count: maps.tokens.count, pixels: maps.size, fit: state.fit, renderer: renderer, in: space)
    guard let grid, !choice.isLarge else { return drawLarge(maps, chosen, into: &frame, in: space, look) }
    let background = background(in: grid.space)
    for place in grid.places(around: chosen) {
      draw(
        maps, place.token, isChosen: place.token == chosen, over: background, into: &frame, in: place.part,
        lines: grid.lines, look)
    }
  }

  private var renderer: any ImageRenderer { state.shownRenderer.renderer }

  /// What lies beneath the maps, no larger than it is shown: every token blends all of its pixels.
  private func background(in space: Size) -> Picture? {
    let picture = state.pictured(of: state.focus).flatMap { state.inspection.picture(of: $0) }
    guard let picture, let scale = ImageScale.fitting(picture.size, renderer, in: space, fit: state.fit),
      scale.ratio < 1
    else { return picture }
    let shown = ScaledPicture(picture: picture, scale: scale), extent = shown.extent
    let pixels = (0..<extent.rows).flatMap { row in (0..<extent.columns).map { shown[$0, row] } }
    return Picture(columns: extent.columns, rows: extent.rows, pixels: pixels)
  }

  private func drawCaption(into frame: inout Frame, in part: Rect, _ look: Look) {
    let step = "attention of step \(state.position)", scale = "gray at a token's min, orange at its max"
    let choices = [
      "\(step), averaged over layers and heads, over \(state.view.label): \(scale)",
      "\(step) over \(state.view.label): \(scale)", "\(step): \(scale)", "attention: gray min, orange max", "attention",
    ]
    guard let line = choices.first(where: { $0.columns <= part.columns }) else { return }
    frame.writeCentered(line, look[.dim], in: part, row: part.row)
  }

  /// Draws a token's map with its text and numbers right below.
  private func draw(
    _ maps: TokenMaps, _ index: Int, isChosen: Bool, over background: Picture?, into frame: inout Frame, in part: Rect,
    lines: Int, _ look: Look
  ) {
    let token = maps.tokens[index]
    let map = part.rows(from: 0, count: part.rows - lines)
    let row = drawMap(token, maps.size, over: background, into: &frame, in: map, look)
    let style = isChosen ? look.style(.accent, adding: [.reverse, .bold]) : look[.accent]
    let text = token.text.shortened(columns: max(1, part.columns - 2))
    frame.writeCentered(isChosen ? " \(text) " : text, style, in: part, row: row)
    let all = "\(Self.least(token))  \(Self.mean(token))  \(Self.largest(token))"
    let numbers = lines == 2 && all.columns <= part.columns ? [all] : [Self.mean(token), Self.largest(token)]
    for (place, line) in (lines == 2 ? [numbers.joined(separator: "  ")] : numbers).enumerated() {
      frame.writeCentered(line, look[.dim], in: part, row: row + 1 + place)
    }
  }

  /// Draws a map in the middle of its place; returns the row below it.
  @discardableResult
  private func drawMap(
    _ token: TokenMaps.Token, _ size: Size, over background: Picture?, into frame: inout Frame, in part: Rect,
    _ look: Look
  ) -> Int {
    let picture = token.picture(over: background, size: size)
    guard let scale = ImageScale.fitting(picture.size, renderer, in: part.size, fit: state.fit) else {
      frame.writeMissing("too small", in: part, look: look)
      return part.endRow
    }
    let scaled = ScaledPicture(picture: picture, scale: scale), cells = renderer.cells(for: scaled.extent)
    let row = part.row + (part.rows - cells.rows) / 2
    renderer.draw(
      scaled, into: &frame, column: part.column + (part.columns - cells.columns) / 2, row: row, look: look)
    return row + cells.rows
  }

  /// The columns of the list of tokens beside a large map.
  private static let listColumns = 37

  /// Draws the chosen map as large as it fits, and the list of tokens beside it where there is room.
  private func drawLarge(
    _ maps: TokenMaps, _ chosen: Int, into frame: inout Frame, in part: Rect, _ look: Look
  ) {
    guard part.columns >= 2 * Self.listColumns else {
      return draw(
        maps, chosen, isChosen: true, over: background(in: part.size), into: &frame, in: part,
        lines: part.columns >= 24 ? 2 : 3, look)
    }
    let left = Rect(
      column: part.column, row: part.row, columns: part.columns - Self.listColumns - 2, rows: part.rows)
    drawMap(maps.tokens[chosen], maps.size, over: background(in: left.size), into: &frame, in: left, look)
    let list = part.inset(left: left.columns + 2)
    let first = max(0, min(chosen - list.rows / 2, maps.tokens.count - list.rows))
    for (row, index) in (first..<min(maps.tokens.count, first + list.rows)).enumerated() {
      let token = maps.tokens[index], line = list.row + row
      let style = index == chosen ? look.style(.accent, adding: [.reverse, .bold]) : look[.text]
      frame.write(
        " \(token.text.shortened(columns: 12)) ", style, column: list.column, row: line, end: list.column + 14)
      frame.write(
        "\(Self.mean(token))  \(Self.largest(token))", look[.dim], column: list.column + 15, row: line,
        end: list.endColumn)
    }
  }

  private static func least(_ token: TokenMaps.Token) -> String { "min \(NumberText.fixed(100 * token.least, 1))%" }
  private static func mean(_ token: TokenMaps.Token) -> String { "mean \(NumberText.fixed(100 * token.mean, 1))%" }
  private static func largest(_ token: TokenMaps.Token) -> String { "max \(NumberText.fixed(100 * token.largest, 1))%" }
}

/// The places of the tokens' maps: all of them if they fit, or else pages of as many as do.
struct TokenGrid {
  /// The place of a token.
  struct Place {
    let token: Int
    let part: Rect
  }

  private let count, columns, rows: Int
  private let cell: Size
  private let part: Rect
  /// The lines of text below each map.
  let lines: Int

  /// The least columns of a cell, for its numbers.
  private static let leastColumns = 12
  /// The columns for both numbers on one line.
  private static let wideColumns = 22
  /// The least rows of a map.
  private static let leastRows = 4

  /// Plans a grid; nil where not even one map fits.
  init?(count: Int, pixels: Size, fit: PictureFit, renderer: any ImageRenderer, in part: Rect) {
    let most = min(count, max(0, (part.columns + 1) / (Self.leastColumns + 1)))
    guard most > 0 else { return nil }
    var best: (columns: Int, rows: Int, shown: Int, ratio: Double)?
    for columns in 1...most {
      for rows in 1...max(1, (part.rows + 1) / (Self.leastRows + 3)) {
        let cell = Self.cell(columns, rows, part), lines = Self.lines(cell)
        let space = Size(columns: cell.columns, rows: cell.rows - lines)
        guard space.rows >= Self.leastRows,
          let scale = ImageScale.fitting(pixels, renderer, in: space, fit: fit)
        else { continue }
        let shown = min(count, columns * rows)
        let isBetter = best.map { (shown, scale.ratio) > ($0.shown, $0.ratio) } ?? true
        if isBetter { best = (columns, rows, shown, scale.ratio) }
      }
    }
    guard let best else { return nil }
    (self.count, columns, rows, self.part) = (count, best.columns, best.rows, part)
    cell = Self.cell(columns, rows, part)
    lines = Self.lines(cell)
  }

  private static func cell(_ columns: Int, _ rows: Int, _ part: Rect) -> Size {
    Size(columns: (part.columns + 1) / columns - 1, rows: (part.rows + 1) / rows - 1)
  }

  private static func lines(_ cell: Size) -> Int { cell.columns >= wideColumns ? 2 : 3 }

  /// The space for each map.
  var space: Size { Size(columns: cell.columns, rows: cell.rows - lines) }

  /// The places of the page with a token.
  func places(around token: Int) -> [Place] {
    let page = columns * rows, first = token / page * page
    return (first..<min(count, first + page)).map { index in
      let place = index - first
      return Place(
        token: index,
        part: Rect(
          column: part.column + place % columns * (cell.columns + 1),
          row: part.row + place / columns * (cell.rows + 1), columns: cell.columns, rows: cell.rows))
    }
  }
}
