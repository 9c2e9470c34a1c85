/// How many values are how far apart, in units in the last place: 0, 1, then twice as many from bar to bar.
package struct UlpHistogram {
  /// Pairs by their distance: 0, 1, 2 to 3, 4 to 7 and so on.
  package let counts: [Int]

  package init(counts: [Int]) { self.counts = counts }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.rows > 1, !counts.isEmpty, part.columns >= counts.count else { return }
    let label = "ULPs apart "
    let room = part.columns >= counts.count + label.count ? label.count : 0
    let barColumns = min(3, (part.columns - room) / counts.count)
    let graph = Rect(
      column: part.column + room, row: part.row, columns: counts.count * barColumns, rows: part.rows - 1)
    BarGraph(values: counts.map(Double.init), peak: Double(counts.max() ?? 0)) { $0 == 0 ? .good : .graph }
      .draw(into: &frame, in: graph, barColumns: barColumns, look: look)
    let row = graph.endRow
    frame.fill(
      Rect(column: graph.column, row: row, columns: graph.columns, rows: 1),
      Cell(look.glyph("\u{2500}", "-"), look[.rule]))
    if room > 0 { frame.write(label, look[.dim], column: part.column, row: row, end: graph.column) }
    for (bin, text) in [(0, "0"), (8, "2^7"), (16, "2^15"), (24, "2^23"), (31, "2^30")] where bin < counts.count {
      frame.write(text, look[.dim], column: graph.column + bin * barColumns, row: row, end: graph.endColumn)
    }
  }
}
