/// How far apart two tensors are, in units in the last place: a row for each bin with its share and a bar; what is not zero
/// shows. The rows that do not fit are added up in the last one.
package struct ULPHistogramView: Sendable {
  /// From equal bits to the largest distance.
  package let bins: [ULPHistogramBin]

  package init(bins: [ULPHistogramBin]) { self.bins = bins }

  /// Draws it.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let shown = shown(rows: part.rows)
    let total = bins.reduce(0.0) { $0 + Double(max(0, $1.count)) }
    let labels = shown.map(\.label.count).max() ?? 0
    let counts = shown.map { "\($0.count)".count }.max() ?? 0
    // Label, count, share and bar; less of it where there is less room.
    let hasShare = part.columns >= labels + counts + 9 + 8
    let hasCount = part.columns >= labels + counts + 2
    for (index, bin) in shown.enumerated() {
      let row = part.row + index
      let share = total > 0 ? Double(max(0, bin.count)) / total : 0
      var column = part.column + labels + 1
      frame.write(
        bin.label, look[.dim], endingAt: min(part.endColumn, column - 1), row: row, start: part.column)
      if hasCount {
        frame.write("\(bin.count)", look[.text], endingAt: column + counts, row: row, start: column)
        column += counts + 1
      }
      if hasShare {
        frame.write(Self.percent(share), look[.dim], endingAt: column + 7, row: row, start: column)
        column += 8
      }
      guard column < part.endColumn else { continue }
      let bar = Rect(column: column, row: row, columns: part.endColumn - column, rows: 1)
      let least = bin.count > 0 ? 0.5 / Double(bar.columns) : 0
      HorizontalBar(share: max(share, least), role: index == 0 ? .good : .graph).draw(into: &frame, in: bar, look: look)
    }
  }

  private func shown(rows: Int) -> [ULPHistogramBin] {
    guard bins.count > rows else { return bins }
    let rest = bins.dropFirst(rows - 1).reduce(0) { $0 &+ $1.count }
    return Array(bins.prefix(rows - 1)) + [ULPHistogramBin("more", rest)]
  }

  /// Two digits; never 100 % where something is missing, nor 0 % where there is something.
  private static func percent(_ share: Double) -> String {
    if share > 0, share < 0.0001 { return "<0.01%" }
    if share < 1, share > 0.9999 { return ">99.99%" }
    return NumberText.fixed(100 * share, 2) + "%"
  }
}
