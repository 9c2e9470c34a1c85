/// The palette over the upper part of the screen: the query, the matching commands, and an error. Uses as many rows as
/// are available, down to one.
package struct PaletteView {
  package let palette: CommandPalette
  package let context: CommandContext

  private static let mostColumns = 78
  private static let mostLines = 12

  package init(palette: CommandPalette, context: CommandContext) {
    self.palette = palette
    self.context = context
  }

  /// Draws the palette over the screen.
  package func draw(into frame: inout Frame, look: Look) {
    let size = frame.size
    guard size.columns > 0, size.rows > 0 else { return }
    let columns = min(size.columns, Self.mostColumns)
    // On a screen with room for both, keep the header and the status line visible.
    let isRoomy = size.rows >= 10
    let top = isRoomy ? 1 : 0
    let rows = isRoomy ? size.rows - 3 : size.rows
    let matches = palette.matches(in: context)
    let messages = messageLines(columns: columns - 2).prefix(max(0, rows - top - 2))
    let space = rows - top - 1 - messages.count - (isRoomy ? 1 : 0)
    let lines = max(0, min(matches.count, Self.mostLines, space))
    let part = Rect(column: (size.columns - columns) / 2, row: top, columns: columns, rows: 1 + lines + messages.count)
    frame.fill(part, Cell(" ", look[.text]))
    drawQuery(into: &frame, part.rows(from: 0, count: 1), look)
    drawList(matches, into: &frame, part.rows(from: 1, count: lines), look)
    for (row, message) in messages.enumerated() {
      let style = palette.error == nil ? look[.dim] : look[.alarm]
      frame.write(message, style, column: part.column + 1, row: part.row + 1 + lines + row, end: part.endColumn)
    }
    if isRoomy {
      let rule = Rect(column: part.column, row: part.endRow, columns: part.columns, rows: 1)
      frame.fill(rule, Cell(look.glyph("\u{2500}", "-"), look[.rule]))
    }
  }

  private static let nameColumns = 24

  private func messageLines(columns: Int) -> [String] {
    let text = palette.error ?? palette.hint(in: context)
    return text.map { Array(TextWrap($0, columns: max(1, columns)).lines.prefix(3)) } ?? []
  }

  private func drawQuery(into frame: inout Frame, _ part: Rect, _ look: Look) {
    frame.fill(part, Cell(" ", look[.barText]))
    let bold = look.style(.barText, adding: .bold)
    var column = frame.write(":", bold, column: part.column, row: part.row, end: part.endColumn)
    // Keep the end of a long line visible.
    let text = palette.query.suffix(columns: max(0, part.columns - 2))
    column = frame.write(text, bold, column: column, row: part.row, end: part.endColumn)
    if column < part.endColumn { frame[column, part.row] = Cell("_", bold) }
    let keys = "Tab completes, Enter runs, Esc closes"
    guard part.endColumn - column > keys.columns + 4 else { return }
    frame.write(keys, look[.barText], endingAt: part.endColumn - 1, row: part.row, start: column)
  }

  private func drawList(_ matches: [CommandEntry], into frame: inout Frame, _ part: Rect, _ look: Look) {
    // Keep the selected line visible.
    let first = max(0, palette.selection - part.rows + 1)
    // A few long names move their own help alone.
    let names = min((matches.map(\.text.columns).max() ?? 0) + 2, max(10, part.columns / 2), Self.nameColumns)
    for (offset, entry) in matches.dropFirst(first).prefix(part.rows).enumerated() {
      let row = part.rows(from: offset, count: 1)
      let isChosen = first + offset == palette.selection
      draw(entry, isChosen: isChosen, names: names, into: &frame, row, look)
    }
  }

  private func draw(
    _ entry: CommandEntry, isChosen: Bool, names: Int, into frame: inout Frame, _ part: Rect, _ look: Look
  ) {
    // A reversed row has one style, since the colour of each text would be a background of its own.
    let chosen = look.style(.text, adding: .reverse)
    func style(_ role: ThemeRole) -> Style { isChosen ? chosen : look[role] }
    if isChosen { frame.fill(part, Cell(" ", chosen)) }
    let end = part.endColumn - 1
    frame.write(entry.text, style(.text), column: part.column + 1, row: part.row, end: end)
    let keyStart = end - entry.keyLabel.columns
    guard keyStart > part.column + 1 + entry.text.columns + 1 else { return }
    frame.write(entry.keyLabel, style(.accent), column: keyStart, row: part.row, end: end)
    let column = part.column + 1 + max(names, entry.text.columns + 2)
    guard keyStart - 2 - column >= 8 else { return }
    let room = keyStart - 2 - column, isCut = !entry.help.fits(columns: room)
    let help = isCut ? entry.help.prefix(columns: room - 1) + String(look.glyph("\u{2026}", "~")) : entry.help
    frame.write(help, style(.dim), column: column, row: part.row, end: keyStart - 2)
  }
}
