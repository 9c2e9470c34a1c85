import DiffusionCore

/// What is below several runs: how they differ, or the plot that was asked for.
package struct ComparisonPanel {
  package let state: State

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    if state.inspection.page == .numbers {
      ComparisonSection(state: state).draw(into: &frame, in: part, look: look)
    } else {
      PlotPanel(state: state).draw(into: &frame, in: part, look: look)
    }
  }
}
