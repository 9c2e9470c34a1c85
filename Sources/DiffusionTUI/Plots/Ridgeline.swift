/// The distributions of some steps one below the other, from N(0, 1) to the image: a row of bars for each, labelled
/// with its step. If there are too many, steps are skipped; the first and the last step stay.
package struct Ridgeline: Sendable {
  /// The counts by step; each has bins from the lowest value up.
  package let histograms: [[Int]]
  /// The marked step; nil for none.
  package let cursor: Int?

  package init(histograms: [[Int]], cursor: Int? = nil) {
    self.histograms = histograms
    self.cursor = cursor
  }

  /// Draws the plot. Each row has a scale of its own, since it is the shape that matters.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let rows = min(part.rows, histograms.count)
    guard rows > 0, part.columns > 0 else { return }
    let steps = (0..<rows).map { rows > 1 ? $0 * (histograms.count - 1) / (rows - 1) : histograms.count - 1 }
    let marked = cursor.flatMap { cursor in steps.lastIndex { $0 <= cursor } }
    let digits = "\(histograms.count - 1)".count
    let labels = part.columns >= 16 + digits ? digits + 1 : 0
    for (row, step) in steps.enumerated() {
      let isMarked = row == marked
      if labels > 0 {
        frame.write(
          "\(step)", look[isMarked ? .accent : .dim], endingAt: part.column + digits, row: part.row + row,
          start: part.column)
      }
      let line = part.inset(left: labels).rows(from: row, count: 1)
      let bins = Self.bins(histograms[step], columns: line.columns)
      guard !bins.isEmpty else { continue }
      BarGraph(values: bins.map(Double.init), peak: Double(bins.max() ?? 0)) { _ in isMarked ? .accent : .graph }
        .draw(into: &frame, in: line, barColumns: max(1, line.columns / bins.count), look: look)
    }
  }

  /// The counts, with neighbouring bins merged where there are more bins than columns.
  private static func bins(_ histogram: [Int], columns: Int) -> [Int] {
    guard columns > 0 else { return [] }
    let merge = max(1, (histogram.count + columns - 1) / columns)
    return stride(from: 0, to: histogram.count, by: merge).map {
      histogram[$0..<min(histogram.count, $0 + merge)].reduce(0) { $0 &+ max(0, $1) }
    }
  }
}
