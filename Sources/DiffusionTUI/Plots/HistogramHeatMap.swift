/// The distribution of a tensor's values over the steps, from N(0, 1) to the image: one column per step, values from
/// bottom to top, and brightness by the fraction of a step's values in a bin, on a square-root scale so that tails are
/// visible.
package struct HistogramHeatMap: Sendable {
  /// The counts by step, from the first one on; each has bins from the lowest value up.
  package let histograms: [[Int]]
  /// The width of the map in steps.
  package let places: Int
  /// The range from the lower edge of the first bin to the upper edge of the last.
  package let range: ClosedRange<Double>
  /// The marked step; nil for none.
  package let cursor: Int?
  /// What the first step starts from.
  package let start: String

  package init(
    histograms: [[Int]], places: Int = 0, range: ClosedRange<Double>, cursor: Int? = nil, start: String = "noise"
  ) {
    self.start = start
    self.histograms = histograms
    self.places = max(1, places, histograms.count)
    self.range = range
    self.cursor = cursor
  }

  /// Draws the map over the whole width and height of its axes. If there are more steps than columns, some are skipped;
  /// bins are never skipped, but shared out among the rows by how much of them lies in each.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let labels = PlotAxes.Labels(
      top: PlotAxes.text(range.upperBound), bottom: PlotAxes.text(range.lowerBound), left: start, right: "image")
    let axes = PlotAxes(labels, in: part)
    let inner = axes.inner
    guard inner.columns > 0, inner.rows > 0 else { return }
    let ramp = HeatRamp(look: look)
    let grid = grid(columns: inner.columns, rows: inner.rows * (ramp.isContinuous ? 2 : 1))
    axes.draw(into: &frame, look: look)
    drawGrid(grid, into: &frame, in: inner, ramp)
    drawMarks(grid, into: &frame, in: part, inner, look)
  }

  /// The values relative to the largest, by position on the grid, and the step of each column.
  private struct Grid {
    var columns: [Int]
    var shares: [[Double]]
  }

  private func grid(columns: Int, rows: Int) -> Grid {
    let steps = (0..<columns).map { $0 * places / columns }
    let merged = histograms.map { Self.shares(of: $0, rows: rows) }
    let peak = max(1e-300, merged.joined().max() ?? 0)
    let shares = steps.map { step in
      histograms.indices.contains(step) ? merged[step].map { ($0 / peak).squareRoot() } : []
    }
    return Grid(columns: steps, shares: shares)
  }

  /// The fraction of each row, from the top down.
  private static func shares(of bins: [Int], rows: Int) -> [Double] {
    let total = bins.reduce(0.0) { $0 + Double(max(0, $1)) }
    guard total > 0, rows > 0 else { return Array(repeating: 0, count: rows) }
    return (0..<rows).map { row in
      // In units of a bin's part of a row: a bin has as many as there are rows, a row as many as there are bins.
      let low = (rows - 1 - row) * bins.count, high = low + bins.count
      let covered = low / rows..<(high + rows - 1) / rows
      let sum = covered.reduce(0.0) { sum, bin in
        sum + Double(max(0, bins[bin])) * Double(min(high, (bin + 1) * rows) - max(low, bin * rows))
      }
      return sum / Double(rows) / total
    }
  }

  private func drawGrid(_ grid: Grid, into frame: inout Frame, in part: Rect, _ ramp: HeatRamp) {
    for column in 0..<part.columns where !grid.shares[column].isEmpty {
      for row in 0..<part.rows {
        let shares = grid.shares[column]
        let cell =
          ramp.isContinuous
          ? Cell(
            "\u{2580}",
            Style(foreground: ramp.color(shares[2 * row]), background: ramp.color(shares[2 * row + 1])))
          : ramp.shade(shares[row])
        frame[part.column + column, part.row + row] = cell
      }
    }
  }

  /// Draws the cursor below the map, or over its last row where there is no row below, and the remaining steps as a
  /// thin line.
  private func drawMarks(_ grid: Grid, into frame: inout Frame, in part: Rect, _ shown: Rect, _ look: Look) {
    for (column, step) in grid.columns.enumerated() where step >= histograms.count && column < shown.columns {
      frame[shown.column + column, shown.endRow - 1] = Cell(look.glyph("\u{2500}", "."), look[.rule])
    }
    guard let cursor, (0..<places).contains(cursor),
      let column = grid.columns.lastIndex(where: { $0 <= cursor }), column < shown.columns
    else { return }
    let row = min(part.endRow - 1, shown.endRow)
    if row == shown.endRow { eraseWord(at: shown.column + column, row, in: part, &frame, look) }
    frame[shown.column + column, row] = Cell(look.glyph("\u{25B2}", "^"), look[.accent])
  }

  /// Erases a label that the cursor would run through, since it would be unreadable.
  private func eraseWord(at column: Int, _ row: Int, in part: Rect, _ frame: inout Frame, _ look: Look) {
    let letters = (part.column..<part.endColumn).filter { frame[$0, row].character != " " }
    guard letters.contains(column) else { return }
    var (first, last) = (column, column)
    while letters.contains(first - 1) { first -= 1 }
    while letters.contains(last + 1) { last += 1 }
    for place in first...last { frame[place, row] = Cell(" ", look[.background]) }
  }
}
