/// The lessons by number, title and summary, on the whole screen.
package struct LessonListView {
  package let list: LessonList

  /// The keys shown on its first line.
  package static let footer = [
    FooterKey("Enter", "begins, or goes on", 0), FooterKey("Backspace", "from page 1", 2),
    FooterKey("Esc", "closes", 1),
  ]

  package func draw(into frame: inout Frame, look: Look) {
    let size = frame.size
    frame.fill(Rect(column: 0, row: 0, columns: size.columns, rows: size.rows), Cell(" ", look[.background]))
    let bar = Rect(column: 0, row: 0, columns: size.columns, rows: size.rows > 3 ? 1 : 0)
    if bar.rows > 0 {
      frame.fill(bar, Cell(" ", look[.barText]))
      frame.write(" Lessons", look.style(.barText, adding: .bold), column: 0, row: 0, end: size.columns)
      let keys = Self.footer.map { "\($0.key) \($0.label)" }.joined(separator: "   ") + " "
      if size.columns > keys.columns + 12 {
        frame.write(keys, look[.barText], endingAt: size.columns, row: 0, start: 10)
      }
    }
    let top = size.rows > 8 ? bar.rows + 1 : bar.rows
    drawEntries(into: &frame, in: Rect(column: 0, row: top, columns: size.columns, rows: size.rows - top), look)
  }

  /// Draws the entries, with summaries if all of them fit.
  private func drawEntries(into frame: inout Frame, in part: Rect, _ look: Look) {
    let lessons = list.library.lessons
    let isLong = part.columns >= 40 && part.rows >= 2 * lessons.count
    let each = isLong ? part.rows >= 3 * lessons.count ? 3 : 2 : 1
    let visible = max(1, part.rows / each)
    let first = min(max(0, list.selection - visible + 1), max(0, lessons.count - visible))
    for (place, lesson) in lessons.enumerated().dropFirst(first).prefix(visible) {
      let row = part.row + (place - first) * each
      let isChosen = place == list.selection
      let margin = part.columns > 30 ? 1 : 0
      let number = frame.write(
        "\(place + 1) ", look[.accent], column: margin, row: row, end: part.endColumn)
      let style = look.style(.text, adding: isChosen ? [.bold, .reverse] : .bold)
      let title = frame.write(" \(lesson.title) ", style, column: number, row: row, end: part.endColumn)
      frame.write(list.place(of: lesson), look[.good], column: title + 1, row: row, end: part.endColumn)
      if isLong { frame.write(lesson.summary, look[.dim], column: number + 1, row: row + 1, end: part.endColumn) }
    }
  }
}
