import DiffusionCore

/// The distribution of the values over a fixed range. Bars outside [-1, 1], where the picture is clipped, are dimmed.
package struct HistogramSection {
  package let statistics: TensorStatistics

  package func draw(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let bins = bins(columns: part.columns)
    guard !bins.isEmpty else { return }
    let barColumns = max(1, min(3, part.columns / bins.count))
    let range = statistics.histogramRange
    let width = (range.upperBound - range.lowerBound) / Float(bins.count)
    let graph = BarGraph(values: bins.map(Double.init), peak: Double(bins.max() ?? 0)) { index in
      let middle = range.lowerBound + (Float(index) + 0.5) * width
      return abs(middle) < 1 ? .graph : .graphDim
    }
    graph.draw(into: &frame, in: part.rows(from: 0, count: part.rows - 1), barColumns: barColumns, look: look)
    drawAxis(&frame, part, columns: bins.count * barColumns, look)
  }

  /// The counts; adjacent bins are merged if there are more bins than columns.
  private func bins(columns: Int) -> [Int] {
    var bins = statistics.histogram
    while bins.count > max(1, columns), bins.count.isMultiple(of: 2) {
      bins = stride(from: 0, to: bins.count, by: 2).map { bins[$0] + bins[$0 + 1] }
    }
    return bins.count <= columns ? bins : []
  }

  private func drawAxis(_ frame: inout Frame, _ part: Rect, columns: Int, _ look: Look) {
    let row = part.endRow - 1
    let range = statistics.histogramRange
    frame.fill(
      Rect(column: part.column, row: row, columns: columns, rows: 1), Cell(look.glyph("\u{2500}", "-"), look[.rule]))
    let low = NumberText.shortest(Double(range.lowerBound))
    let high = NumberText.shortest(Double(range.upperBound))
    frame.write(low, look[.dim], column: part.column, row: row, end: part.endColumn)
    frame.write(high, look[.dim], endingAt: part.column + columns, row: row, start: part.column)
    for mark in [-1, 0, 1] where range.contains(Float(mark)) {
      let share = (Float(mark) - range.lowerBound) / (range.upperBound - range.lowerBound)
      let text = String(mark)
      let column = part.column + Int((share * Float(columns)).rounded()) - (text.columns + 1) / 2
      frame.write(text, look[.dim], column: column, row: row, end: part.endColumn)
    }
  }
}
