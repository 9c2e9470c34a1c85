import DiffusionCore

/// The comparison of the focused run with the reference; if it is the reference itself, of all other runs with it.
package struct ComparisonSection {
  package let state: State
  /// Whether the panes show the most important numbers, which are then left out here.
  package let panesHaveNumbers: Bool

  /// The lines of numbers that a pane needs for those, beside how it started.
  package static let leastLines = 3
  /// The columns in which it has what a pane of fewer lines leaves to it: the largest difference, and where it began.
  static let leastColumns = 40
  /// The fewest rows of a plot, its heading among them.
  private static let plotRows = 4

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    if state.focus == state.compare.reference {
      drawAll(into: &frame, in: part, look: look)
    } else {
      drawFocused(into: &frame, in: part, look: look)
    }
  }

  /// Whether it has a line of numbers for a run, in so many rows.
  static func lists(_ index: Int, of state: State, rows: Int) -> Bool {
    guard state.focus == state.compare.reference else { return index == state.focus }
    return others(of: state).prefix(rows - 1).contains(index)
  }

  private static func others(of state: State) -> [Int] {
    state.panes.indices.filter { $0 != state.compare.reference }
  }

  private var heading: String {
    let place = state.position == 0 ? "the \(state.startName(of: state.focus))" : "step \(state.position)"
    let kind = state.run?.description.latents == nil ? "" : " (latents)"
    return "\(state.view.label)\(kind) after \(place)"
  }

  /// Draws one line for each other run.
  private func drawAll(into frame: inout Frame, in part: Rect, look: Look) {
    let bold = look.style(.text, adding: .bold)
    let end = frame.write(
      "run \(state.compare.reference + 1) is the reference", bold, column: part.column, row: part.row,
      end: part.endColumn)
    let others = Self.others(of: state)
    // Those without a line have one when they are in focus.
    let hidden = others.dropFirst(part.rows - 1).map { "\($0 + 1)" }.joined(separator: ", ")
    let text = hidden.isEmpty ? heading : "\(heading)   no room for \(hidden): tab shows each"
    frame.write(text, look[.dim], column: end + 3, row: part.row, end: part.endColumn)
    // The plot rather than an empty row above it.
    let below = part.inset(top: others.count + 1)
    if below.rows >= Self.plotRows {
      drawSchedule(into: &frame, in: below.rows > Self.plotRows ? below.inset(top: 1) : below, look)
    }
    for (row, index) in others.prefix(part.rows - 1).enumerated() {
      let line = part.rows(from: row + 1, count: 1)
      let column = frame.write("\(index + 1)  ", look[.text], column: line.column, row: line.row, end: line.endColumn)
      drawNumbers(
        of: index, into: &frame, Rect(column: column, row: line.row, columns: line.endColumn - column, rows: 1), look)
    }
  }

  private func drawFocused(into frame: inout Frame, in part: Rect, look: Look) {
    let title = "run \(state.focus + 1) against run \(state.compare.reference + 1)"
    let end = frame.write(
      title, look.style(.text, adding: .bold), column: part.column, row: part.row, end: part.endColumn)
    frame.write(heading, look[.dim], column: end + 3, row: part.row, end: part.endColumn)
    drawNumbers(of: state.focus, into: &frame, part.rows(from: 1, count: 1), look)
    frame.write(sentence, look[.text], column: part.column, row: part.row + 2, end: part.endColumn)
    drawPlots(into: &frame, in: part.inset(top: 4), look)
  }

  /// Draws the distances in units in the last place, and the positions of the runs on the schedule.
  private func drawPlots(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard part.rows >= 3, state.display.presenter == nil else { return }
    guard let metrics = state.pane.comparison?.metrics else { return drawSchedule(into: &frame, in: part, look) }
    let columns = part.columns >= 76 ? part.columns / 2 - 2 : part.columns
    let left = Rect(column: part.column, row: part.row, columns: columns, rows: part.rows)
    frame.write(
      "units in the last place apart", look[.dim], column: left.column, row: left.row, end: left.endColumn)
    ULPHistogramView(bins: ULPHistogramBin.list(metrics.ulpHistogram, rows: left.rows - 1))
      .draw(into: &frame, in: left.inset(top: 1), look: look)
    if columns < part.columns { drawSchedule(into: &frame, in: part.inset(left: columns + 4), look) }
  }

  private func drawSchedule(into frame: inout Frame, in part: Rect, _ look: Look) {
    RunPlots(state: state).schedule?.draw(into: &frame, in: part, look: look)
  }

  private func drawNumbers(of index: Int, into frame: inout Frame, _ part: Rect, _ look: Look) {
    let pane = state.panes[index]
    guard let metrics = pane.comparison?.metrics else {
      let reason =
        pane.comparison?.mismatch.map {
          ComparisonText.mismatch($0, to: state.compare.reference, columns: part.columns)
        }
        ?? "nothing to compare yet"
      frame.write(reason, look[.dim], column: part.column, row: part.row, end: part.endColumn)
      return
    }
    var column = part.column
    if metrics.isBitEqual {
      let hash = pane.run?.statistics(state.view, at: pane.position)?.sha256 ?? ""
      column = frame.write("same bits ", look[.good], column: column, row: part.row, end: part.endColumn)
      // Whole, or as short as everywhere: one that is cut a little looks whole.
      let shown = column + hash.columns <= part.endColumn ? hash : String(hash.prefix(8))
      frame.write(shown, look[.dim], column: column, row: part.row, end: part.endColumn)
      return
    }
    let divergence =
      index == state.focus ? nil : ComparisonText.divergence(pane.divergence, start: state.startName(of: index))
    let entries = ComparisonText(metrics).entries.dropFirst(panesHaveNumbers ? ComparisonText.paneEntries : 0)
    for (number, entry) in entries.enumerated() {
      guard column + entry.label.columns + 1 + entry.value.columns <= part.endColumn else { return }
      column = frame.write(entry.label + " ", look[.dim], column: column, row: part.row, end: part.endColumn)
      column = frame.write(entry.value, look[.text], column: column, row: part.row, end: part.endColumn) + 3
      guard number == 0, !panesHaveNumbers, let divergence, column + divergence.columns <= part.endColumn else {
        continue
      }
      column = frame.write(divergence, look[.text], column: column, row: part.row, end: part.endColumn) + 3
    }
  }

  /// A sentence about where the runs diverge.
  private var sentence: String {
    guard let divergence = state.pane.divergence else { return "" }
    guard let first = divergence.first else {
      let steps = divergence.equalSteps ?? 0
      return steps == 0
        ? "they start from the same \(state.startName(of: state.focus))"
        : "x_t is the same in every bit up to step \(steps)"
    }
    guard first > 0, let schedule = state.run?.description.schedule, schedule.indices.contains(first - 1) else {
      return "they start from a different x_T"
    }
    let place = "x_t first differs after step \(first), timestep \(schedule[first - 1].timestep.wholeText)"
    let own = state.settings.branches, other = state.panes[state.compare.reference].request.settings.branches
    let isBranch = own != other && (own + other).contains { $0.step == first - 1 }
    return isBranch ? "branched at step \(first - 1): \(place)" : place
  }
}
