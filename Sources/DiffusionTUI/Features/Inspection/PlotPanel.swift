import DiffusionCore

/// One page of plots: the page names, and the plot as large as it fits.
package struct PlotPanel {
  package let state: State
  /// The page.
  package let page: PlotPage

  package init(state: State, page: PlotPage? = nil) {
    self.state = state
    self.page = page ?? state.inspection.page
  }

  private var plots: RunPlots { RunPlots(state: state) }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.rows > 0, part.columns > 0 else { return }
    guard part.rows >= 4 else { return drawPlot(into: &frame, in: part, look) }
    drawTitle(into: &frame, in: part.rows(from: 0, count: 1), look)
    let gap = part.rows >= 9 ? 2 : 1
    drawPlot(into: &frame, in: part.inset(top: gap), look)
  }

  /// Draws the page names with this one marked, or this one alone, and what the plot shows.
  private func drawTitle(into frame: inout Frame, in part: Rect, _ look: Look) {
    let pages = state.pages
    let width = pages.reduce(0) { $0 + $1.label.columns + 2 } - 2
    var column = part.column
    for shown in width <= part.columns ? pages : [page] {
      let style = shown == page ? look.style(.accent, adding: .underline) : look[.dim]
      column = frame.write(shown.label, style, column: column, row: part.row, end: part.endColumn) + 2
    }
    guard column + 1 + subject.columns <= part.endColumn else { return }
    frame.write(subject, look[.dim], endingAt: part.endColumn, row: part.row, start: column)
  }

  private var subject: String {
    let run = state.isComparing ? "run \(state.focus + 1)" : ""
    switch page {
    case .prompt: return run
    case .numbers, .schedule: return state.isComparing ? "" : run
    case .steps where state.isComparing && state.compare.view == .difference:
      let reference = "run \(state.compare.reference + 1)"
      if plots.showsErrors { return "RMSE of the last x_t from \(reference)" }
      return state.compare.measure.subject(against: reference)
    case .steps: return state.isComparing ? "std of \(state.view.label)" : state.view.label
    case .distribution: return [run, state.view.label].filter { !$0.isEmpty }.joined(separator: ", ")
    case .update:
      return state.position > 0 ? [run, "step \(state.position)"].filter { !$0.isEmpty }.joined(separator: ", ") : run
    }
  }

  private func drawPlot(into frame: inout Frame, in part: Rect, _ look: Look) {
    switch page {
    case .numbers: StatisticsPanel(state: state).draw(into: &frame, in: part, look: look)
    case .steps: plots.steps.draw(into: &frame, in: part, look: look)
    case .distribution: drawDistribution(into: &frame, in: part, look)
    case .schedule: drawSchedule(into: &frame, in: part, look)
    case .update: drawUpdate(into: &frame, in: part, look)
    case .prompt:
      PromptSection(prompts: state.run?.description.prompts ?? [], request: state.pane.request)
        .draw(into: &frame, in: part, look: look)
    }
  }

  /// Why nothing can be plotted; nil if there is a run.
  private var absence: String? { state.run == nil ? state.absence : nil }

  /// Draws the heat map, and the ridgeline beside or below it if there is room.
  private func drawDistribution(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let map = plots.heatMap, let ridges = plots.ridgeline else {
      return frame.writeMissing(absence ?? "not yet: \(state.pressing(.playback(.stepForward)))", in: part, look: look)
    }
    if part.columns >= 96 {
      let left = part.columns / 2 - 1
      map.draw(into: &frame, in: Rect(column: part.column, row: part.row, columns: left, rows: part.rows), look: look)
      ridges.draw(into: &frame, in: part.inset(left: left + 3), look: look)
    } else if part.rows >= 20 {
      let upper = part.rows / 2
      map.draw(into: &frame, in: part.rows(from: 0, count: upper), look: look)
      ridges.draw(into: &frame, in: part.inset(top: upper + 1), look: look)
    } else {
      map.draw(into: &frame, in: part, look: look)
    }
  }

  private func drawSchedule(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let plot = plots.schedule else {
      return frame.writeMissing(absence ?? "the curve is not known", in: part, look: look)
    }
    // One run's numbers fit beside its curve.
    guard !state.isComparing, part.rows >= 9, let run = state.run else {
      return plot.draw(into: &frame, in: part, look: look)
    }
    ScheduleSection(state: state, run: run).draw(&frame, part.rows(from: 0, count: 2), look)
    plot.draw(into: &frame, in: part.inset(top: 3), look: look)
  }

  private func drawUpdate(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let update = plots.update else {
      return frame.writeMissing(
        absence ?? "an update comes with the first step: \(state.pressing(.playback(.stepForward)))", in: part,
        look: look)
    }
    UpdateSection(update: update, isUnicode: look.capabilities.unicode).draw(into: &frame, in: part, look: look)
  }
}
