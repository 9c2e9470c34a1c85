/// The standard deviation of x_t over the completed steps.
package struct SparklineSection {
  package let state: State
  package let run: ShownRun

  package func draw(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let values = run.sampleStd
    let isLine = part.rows == 1
    let label = part.columns >= 38 ? "std by step" : "std"
    let labelEnd = frame.write(label, look[.dim], column: part.column, row: part.row, end: part.endColumn) + 2
    let graph =
      isLine
      ? Rect(column: labelEnd, row: part.row, columns: part.endColumn - labelEnd, rows: 1)
      : part.inset(top: 1)
    drawBars(values, &frame, graph, look)
  }

  /// Draws the whole run across the part, with a thin line for the steps to come.
  private func drawBars(_ values: [Double], _ frame: inout Frame, _ part: Rect, _ look: Look) {
    let places = run.stepCount + 1
    let steps = (0..<part.columns).map { $0 * places / max(1, part.columns) }
    let shown = Array(steps.prefix { $0 < values.count })
    let cursor = shown.last { $0 <= state.position } ?? 0
    BarGraph(values: shown.map { values[$0] }, peak: max(1, values.filter(\.isFinite).max() ?? 1)) {
      shown[$0] == cursor ? .accent : shown[$0] < cursor ? .graph : .graphDim
    }
    .draw(into: &frame, in: part, look: look)
    for column in shown.count..<max(shown.count, part.columns) {
      frame[part.column + column, part.endRow - 1] = Cell(look.glyph("\u{2500}", "."), look[.rule])
    }
  }
}
