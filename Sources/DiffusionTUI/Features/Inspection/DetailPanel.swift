import DiffusionCore

/// The panel beside or below the picture: the selected page, or where it is wide enough, the numbers and a page.
package struct DetailPanel {
  package let state: State

  /// The minimum columns for two pages side by side, and the columns of the left one.
  private static let wideColumns = 96
  private static let numberColumns = 44

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let page = state.inspection.page
    guard Self.isDouble(state, part) else {
      if page == .numbers, GuidancePanel.isShown(state) {
        GuidancePanel(state: state).draw(into: &frame, in: part, look: look)
      } else if page == .numbers {
        StatisticsPanel(state: state).draw(into: &frame, in: part, look: look)
      } else {
        PlotPanel(state: state).draw(into: &frame, in: part, look: look)
      }
      return
    }
    let left = Rect(column: part.column, row: part.row, columns: Self.numberColumns, rows: part.rows)
    let shown = page == .numbers ? .schedule : page
    if GuidancePanel.isShown(state) {
      GuidancePanel(state: state).draw(into: &frame, in: left, look: look)
    } else {
      StatisticsPanel(state: state, hasSchedule: shown != .schedule).draw(into: &frame, in: left, look: look)
    }
    PlotPanel(state: state, page: shown)
      .draw(into: &frame, in: part.inset(left: Self.numberColumns + 4), look: look)
  }
}

extension DetailPanel {
  /// Whether it has the numbers and a page side by side. Presenter mode shows one thing at a time.
  private static func isDouble(_ state: State, _ part: Rect) -> Bool {
    state.isOpen(.threeUp) && state.display.presenter == nil && part.columns >= wideColumns && part.rows >= 5
  }

  /// Whether the panel says how much of the shown tensor is clipped, so that nothing else on the screen need.
  static func showsClipped(_ state: State, in part: Rect?) -> Bool {
    guard let part else { return false }
    if isDouble(state, part) { return part.rows >= StatisticsPanel.rowsToClipped(columns: numberColumns) }
    guard state.inspection.page == .numbers else { return false }
    if state.display.presenter != nil { return part.rows >= PresenterNumbers.rowsToClipped }
    return part.rows >= StatisticsPanel.rowsToClipped(columns: part.columns)
  }
}

/// The panel below several runs: how they differ, or the selected plot.
package struct ComparisonPanel {
  package let state: State
  /// Whether the panes show their most important numbers themselves.
  package let panesHaveNumbers: Bool

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    if state.inspection.page == .numbers {
      ComparisonSection(state: state, panesHaveNumbers: panesHaveNumbers).draw(into: &frame, in: part, look: look)
    } else {
      PlotPanel(state: state).draw(into: &frame, in: part, look: look)
    }
  }
}
