import DiffusionCore

/// The position of this step on the schedule, with the curve of alpha-bar on a large screen.
package struct ScheduleSection {
  package let state: State
  package let run: ShownRun

  /// The index of the step that led to the current position, or of the first step at the noise.
  private var index: Int { max(0, state.position - 1) }

  package func draw(_ frame: inout Frame, _ part: Rect, _ look: Look) {
    let schedule = run.description.schedule
    guard schedule.indices.contains(index) else { return }
    let point = schedule[index]
    let took =
      state.position > 0 && state.position <= run.history.count
      ? NumberText.seconds(run.history[state.position - 1].step.seconds) : "-"
    let timestep = ValueTable.Entry("timestep", point.timestep.wholeText)
    func entry(_ quantity: UpdateTerms.Quantity?) -> ValueTable.Entry {
      ValueTable.Entry(quantity?.label ?? "", NumberText.small(Double(quantity?.value ?? 0), 5))
    }
    // The noise level, and the step's characteristic quantity: DDIM's sigma, for example, or the sigma after it.
    let (level, last) = (entry(point.quantities.first), entry(point.quantities.last))
    let isWide = part.columns >= 38
    let rows = isWide ? [[timestep, level], [last, .init("took", took)]] : [[timestep], [level], [last]]
    ValueTable(rows).draw(into: &frame, in: part, look: look)
    let graph = part.inset(top: rows.count)
    guard graph.rows > 1 else { return }
    if let plot = RunPlots(state: state).schedule, graph.rows >= 4 {
      return plot.draw(into: &frame, in: graph.inset(top: graph.rows >= 6 ? 1 : 0), look: look)
    }
    frame.write("alpha-bar by step", look[.dim], column: graph.column, row: graph.row, end: graph.endColumn)
    drawCurve(schedule, &frame, graph.inset(top: 1), look)
  }

  private func drawCurve(_ schedule: [UpdateTerms], _ frame: inout Frame, _ part: Rect, _ look: Look) {
    let places = (0..<part.columns).map { $0 * schedule.count / max(1, part.columns) }
    let cursor = places.last { $0 <= index } ?? 0
    BarGraph(values: places.map { Double(schedule[$0].alphaCumprod) }, peak: 1) {
      places[$0] == cursor ? .accent : places[$0] < cursor ? .graph : .graphDim
    }
    .draw(into: &frame, in: part, look: look)
  }
}
