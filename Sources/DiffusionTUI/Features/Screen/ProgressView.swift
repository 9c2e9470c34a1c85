import DiffusionCore

/// The progress of the step being computed: the next block, a bar, and the number of completed blocks out of all.
package struct ProgressView {
  package let progress: ForwardProgress?

  /// Draws the progress at the right end of a line. Returns its first column.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) -> Int {
    let end = part.endColumn - 1
    guard let progress else {
      let text = "starting the step"
      frame.write(text, look[.dim], endingAt: end, row: part.row, start: part.column)
      return end - text.columns
    }
    let total = max(1, progress.total)
    let width = String(total).columns
    let done = String(progress.completed)
    let count = String(repeating: " ", count: max(0, width - done.columns)) + "\(done)/\(total)"
    let barColumns = min(24, max(6, part.columns / 8))
    var start = end - count.columns
    frame.write(count, look[.text], column: start, row: part.row, end: end)
    start -= barColumns + 1
    let bar = Rect(column: start, row: part.row, columns: barColumns, rows: 1)
    guard start > part.column else { return end - count.columns }
    let share = Double(progress.completed) / Double(total)
    HorizontalBar(share: share, role: .accent).draw(into: &frame, in: bar, look: look, track: true)
    let name = progress.block.suffix(columns: max(0, min(32, start - part.column - 2)))
    start -= name.columns + 1
    frame.write(name, look[.text], column: start, row: part.row, end: bar.column - 1)
    return start
  }
}
