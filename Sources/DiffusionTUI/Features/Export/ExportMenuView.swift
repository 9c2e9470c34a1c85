/// The export menu over the upper part of the screen, like the palette: the kinds of files, or the file's name. Uses as
/// many rows as are available, down to one.
package struct ExportMenuView {
  package let state: State
  package let menu: ExportMenu

  private static let mostColumns = 78

  package init(state: State, menu: ExportMenu) {
    (self.state, self.menu) = (state, menu)
  }

  /// Draws the menu over the screen.
  package func draw(into frame: inout Frame, look: Look) {
    let size = frame.size
    guard size.columns > 0, size.rows > 0 else { return }
    let columns = min(size.columns, Self.mostColumns)
    // On a screen with room for both, keep the header and the status line visible.
    let isRoomy = size.rows >= 10
    let part = Rect(
      column: (size.columns - columns) / 2, row: isRoomy ? 1 : 0, columns: columns,
      rows: isRoomy ? size.rows - 4 : size.rows)
    if let naming = menu.naming { draw(naming, into: &frame, part, look) } else { drawList(into: &frame, part, look) }
  }

  private func drawTitle(_ title: String, keys: String, into frame: inout Frame, _ part: Rect, _ look: Look) {
    let row = part.rows(from: 0, count: 1)
    frame.fill(row, Cell(" ", look[.barText]))
    let bold = look.style(.barText, adding: .bold)
    let column = frame.write(title, bold, column: part.column + 1, row: row.row, end: row.endColumn)
    guard row.endColumn - column > keys.columns + 2 else { return }
    frame.write(keys, look[.barText], endingAt: row.endColumn - 1, row: row.row, start: column)
  }

  private func drawList(into frame: inout Frame, _ part: Rect, _ look: Look) {
    drawTitle("Export", keys: "letter or Enter chooses, Esc closes", into: &frame, part, look)
    let kinds = ExportKind.allCases
    let rows = min(kinds.count, max(0, part.rows - 1))
    let first = max(0, menu.selection - rows + 1)
    for (offset, kind) in kinds.dropFirst(first).prefix(rows).enumerated() {
      let line = part.rows(from: 1 + offset, count: 1)
      let isChosen = first + offset == menu.selection
      // A reversed row has one style, since the colour of each text would be a background of its own.
      let chosen = look.style(.text, adding: .reverse)
      func style(_ role: ThemeRole) -> Style { isChosen ? chosen : look[role] }
      frame.fill(line, Cell(" ", style(.text)))
      let end = line.endColumn - 1
      frame.write(
        String(kind.letter), style(.accent), column: line.column + 1, row: line.row, end: end)
      let isReady = state.reasonAgainst(kind) == nil
      let column = frame.write(
        kind.help, style(isReady ? .text : .dim), column: line.column + 4, row: line.row, end: end)
      let name = isReady ? "" : "not yet"
      guard end - column > name.columns + 2 else { continue }
      frame.write(name, style(.dim), endingAt: end, row: line.row, start: column)
    }
    drawRule(below: part.rows(from: 0, count: 1 + rows), into: &frame, look)
  }

  private func draw(_ naming: ExportMenu.Naming, into frame: inout Frame, _ part: Rect, _ look: Look) {
    drawTitle(naming.kind.help, keys: "Enter writes, Esc goes back", into: &frame, part, look)
    guard part.rows > 1 else { return }
    let line = part.rows(from: 1, count: 1)
    frame.fill(line, Cell(" ", look[.text]))
    var column = frame.write("file ", look[.accent], column: line.column + 1, row: line.row, end: line.endColumn)
    // Keep the end of a long name visible.
    let text = naming.text.suffix(columns: max(1, line.endColumn - column - 2))
    column = frame.write(
      text, look.style(.text, adding: .underline), column: column, row: line.row, end: line.endColumn - 1)
    if column < line.endColumn { frame[column, line.row] = Cell(" ", look.style(.text, adding: .reverse)) }
    let message = message(naming)
    let lines = TextWrap(message.text, columns: max(1, part.columns - 2)).lines.prefix(max(0, min(4, part.rows - 2)))
    for (index, text) in lines.enumerated() {
      let row = part.rows(from: 2 + index, count: 1)
      frame.fill(row, Cell(" ", look[.text]))
      frame.write(text, look[message.role], column: row.column + 1, row: row.row, end: row.endColumn)
    }
    drawRule(below: part.rows(from: 0, count: 2 + lines.count), into: &frame, look)
  }

  private func message(_ naming: ExportMenu.Naming) -> (text: String, role: ThemeRole) {
    if state.topLayer?.kind == .writing { return ("writing ... Esc stops it", .dim) }
    if let error = naming.error { return (error, .alarm) }
    if naming.taken != nil { return ("\(naming.text) is there already: Enter replaces it", .warning) }
    if naming.text == naming.proposal {
      return ("in the current folder; if it is there already, the next number is taken; type to change it", .dim)
    }
    return ("in the current folder unless it begins with /; Ctrl-U clears", .dim)
  }

  private func drawRule(below part: Rect, into frame: inout Frame, _ look: Look) {
    guard part.endRow < frame.size.rows - 2 else { return }
    let rule = Rect(column: part.column, row: part.endRow, columns: part.columns, rows: 1)
    frame.fill(rule, Cell(look.glyph("\u{2500}", "-"), look[.rule]))
  }
}
