import DiffusionCore

/// The grid of a sweep on the whole screen: the axes along its sides, the cells, details of the one under the cursor,
/// and the keys.
package struct SweepScreen {
  package let state: State

  /// The keys shown in the footer.
  package static func footer(unicode: Bool) -> [FooterKey] {
    let arrows = unicode ? "\u{2190}\u{2191}\u{2193}\u{2192}" : "arrows"
    return [
      FooterKey("Enter", "open in compare", 0), FooterKey("Esc", "leave", 1), FooterKey(arrows, "move", 2),
      FooterKey("t", "turn the axes", 3), FooterKey("+ -", "size", 4), FooterKey("?", "help", 5),
    ]
  }

  /// The help for keys that have a different meaning here, or only have one here.
  package static let help = [
    ("arrows", "to the next cell; Home, End, PgUp, PgDn"), ("Enter", "open the cell beside the runs; Esc comes back"),
    ("t", "put the next axis across"), ("+ -", "larger and smaller images"), ("Esc", "back to the runs"),
  ]

  package func draw(into frame: inout Frame, look: Look) {
    guard let board = state.sweep, let layout = SweepLayout(state), frame.size.rows > 0 else { return }
    drawHeader(board, layout, into: &frame, look)
    drawColumnLabels(board, layout, into: &frame, look)
    for row in layout.rows {
      drawRowLabel(row, board, layout, into: &frame, look)
      for column in layout.columns { draw(row, column, board, layout, into: &frame, look) }
    }
    drawCursor(board, layout, into: &frame, look)
    if let detail = layout.detail { drawDetail(board, into: &frame, in: detail, look) }
    if let footer = layout.footer { FooterView(state: state).draw(into: &frame, in: footer, look: look) }
  }

  private func drawHeader(_ board: SweepBoard, _ layout: SweepLayout, into frame: inout Frame, _ look: Look) {
    let part = layout.header
    let done = "\(board.finished.count) of \(board.folder.plan.count)"
    let end = part.endColumn - 1
    let start = max(1, end - done.columns)
    let isDone = board.finished.count == board.folder.plan.count
    frame.write(done, look[isDone ? .good : .accent], endingAt: end, row: part.row, start: start)
    let down = board.grid.downName.isEmpty ? "" : "\(board.grid.downName) x "
    let axes = "\(down)\(board.grid.acrossName)"
    let names = ["sweep  \(board.folder.path)  \(axes)", "sweep  \(axes)", axes]
    let placed = layout.page(of: board.grid).map { page in names.map { "\($0)   \(page)" } } ?? []
    let titles = placed + names + ["sweep"]
    let title = titles.first { $0.columns + done.columns + 4 <= part.columns } ?? ""
    frame.write(title, look.style(.text, adding: .bold), column: 1, row: part.row, end: start - 1)
  }

  /// Writes the labels of the columns, each where those before it leave room; that of the cursor always.
  private func drawColumnLabels(_ board: SweepBoard, _ layout: SweepLayout, into frame: inout Frame, _ look: Look) {
    let own = layout.part(row: layout.rows.lowerBound, column: board.column).column
    var next = 0
    for column in layout.columns {
      let place = layout.part(row: layout.rows.lowerBound, column: column).column
      let isOwn = column == board.column
      // Above small cells it is rather every second or third number than the first digits of all.
      let width = isOwn || layout.cell.columns < 8 ? 12 : 1
      let label = board.grid.columnLabel(column).shortened(columns: max(width, layout.cell.columns))
      guard
        isOwn || (place >= next && (label.columns < layout.cell.columns || place + label.columns < own || place > own))
      else { continue }
      let style = isOwn ? look.style(.accent, adding: .bold) : look[.dim]
      next = frame.write(label, style, column: place, row: layout.labels.row, end: layout.labels.endColumn) + 1
    }
  }

  private func drawRowLabel(
    _ row: Int, _ board: SweepBoard, _ layout: SweepLayout, into frame: inout Frame, _ look: Look
  ) {
    guard layout.labelColumns > 0 else { return }
    let part = layout.part(row: row, column: layout.columns.lowerBound)
    let label = board.grid.rowLabel(row).shortened(columns: layout.labelColumns)
    let style = row == board.row ? look.style(.accent, adding: .bold) : look[.dim]
    frame.write(label, style, endingAt: layout.labelColumns, row: part.row + (part.rows - 1) / 2, start: 0)
  }

  private func draw(
    _ row: Int, _ column: Int, _ board: SweepBoard, _ layout: SweepLayout, into frame: inout Frame, _ look: Look
  ) {
    let cell = board.grid.cell(row: row, column: column), part = layout.part(row: row, column: column)
    guard part.endRow <= layout.body.endRow, part.endColumn <= layout.body.endColumn else { return }
    if let picture = board.pictures[cell] {
      let renderer = state.shownRenderer.renderer
      let fits = renderer.cells(for: layout.scale.extent(of: picture.size)) == layout.picture
      let scale = fits ? layout.scale : ImageScale.fitting(picture.size, renderer, in: part.size, fit: .filling)
      guard let scale else { return }
      let scaled = ScaledPicture(picture: picture, scale: scale)
      renderer.draw(scaled, into: &frame, column: part.column, row: part.row, look: look)
      return
    }
    let (text, role): (String, ThemeRole) =
      if board.failures[cell] != nil {
        ("!", .alarm)
      } else if board.finished.contains(cell) {
        ("+", .accent)
      } else {
        (String(look.glyph("\u{00B7}", ".")), .dim)
      }
    frame.writeCentered(text, look[role], in: part, row: part.row + (part.rows - 1) / 2)
  }

  /// Marks the cell under the cursor at its corner, in colours that an image does not hide.
  private func drawCursor(_ board: SweepBoard, _ layout: SweepLayout, into frame: inout Frame, _ look: Look) {
    let part = layout.part(row: board.row, column: board.column)
    guard part.column < layout.body.endColumn, part.row < layout.body.endRow else { return }
    let mark = part.columns > 2 ? "\(look.glyph("\u{25B6}", ">")) " : String(look.glyph("\u{25B6}", ">"))
    frame.write(
      mark, look.style(.accent, adding: [.reverse, .bold]), column: part.column, row: part.row,
      end: layout.body.endColumn)
  }

  /// Writes a message, or what the cell under the cursor is.
  private func drawDetail(_ board: SweepBoard, into frame: inout Frame, in part: Rect, _ look: Look) {
    let cell = board.cell
    if let notice = state.notice {
      frame.write(notice, look[.alarm], column: 1, row: part.row, end: part.endColumn)
      return
    }
    let what =
      board.failures[cell]
      ?? (board.finished.contains(cell) ? board.pictures[cell] == nil ? "reading" : nil : "not done yet")
    let text = SweepDetail(cell, of: board.folder.plan, remark: what).text(columns: part.columns - 2)
    let isFailed = board.failures[cell] != nil
    frame.write(text, look[isFailed ? .alarm : .text], column: 1, row: part.row, end: part.endColumn)
  }
}
