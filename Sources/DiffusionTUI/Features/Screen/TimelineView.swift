import DiffusionCore

/// The steps of the run from noise to image: those behind the cursor, those computed, and those to come, with the
/// timestep below the cursor.
package struct TimelineView {
  package let state: State

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns >= 4 else { return }
    let glyph: Character =
      state.playback.isPlaying || state.goal > state.position
      ? look.glyph("\u{25B8}", ">") : look.glyph("\u{2016}", "=")
    frame[part.column + 1, part.row] = Cell(glyph, look[.accent])
    let track = Self.track(in: part)
    drawTrack(into: &frame, in: track, look: look)
    for stage in state.run?.description.stages.dropFirst() ?? [] {
      let place = column(of: stage.steps.lowerBound, track)
      guard place != column(of: state.position, track) else { continue }
      frame[place, track.row] = Cell(look.glyph("\u{253C}", "+"), look[.text])
    }
    for step in branchSteps {
      let isCursor = column(of: step, track) == column(of: state.position, track)
      let style = look.style(isCursor ? .accent : .text, adding: .bold)
      frame[column(of: step, track), track.row] = Cell(look.glyph("\u{2533}", "Y"), style)
    }
    if let step = state.pane.firstNonFiniteStep {
      frame[column(of: step, track), track.row] = Cell("!", look.style(.alarm, adding: [.reverse, .bold]))
    }
    drawCursors(into: &frame, in: track, look: look)
    if part.rows > 1 { drawLabels(into: &frame, track, look: look) }
  }

  /// The track of the steps, between the activity sign and the margin.
  package static func track(in part: Rect) -> Rect {
    Rect(column: part.column + 3, row: part.row, columns: part.columns - 4, rows: 1)
  }

  /// The column of a position on the track.
  private func column(of position: Int, _ track: Rect) -> Int { column(of: position, of: state.stepCount, track) }

  /// The column of a position among a number of steps.
  private func column(of position: Int, of stepCount: Int, _ track: Rect) -> Int {
    let last = max(1, track.columns - 1)
    return track.column + min(last, position * last / max(1, stepCount))
  }

  private func drawTrack(into frame: inout Frame, in track: Rect, look: Look) {
    let cursor = column(of: state.position, track)
    let computed = column(of: state.completedSteps, track)
    let goal = column(of: min(state.stepCount, max(state.goal, state.position)), track)
    for place in track.column..<max(track.column, track.endColumn) {
      let cell: Cell
      if place == cursor {
        cell = Cell(look.glyph("\u{25CF}", "O"), look[.accent])
      } else if place < cursor {
        cell = Cell(look.glyph("\u{2501}", "="), look[.graph])
      } else if place <= computed {
        cell = Cell(look.glyph("\u{2501}", "-"), look[.graphDim])
      } else if place <= goal {
        cell = Cell(look.glyph("\u{2508}", ":"), look[.graph])
      } else {
        cell = Cell(look.glyph("\u{2500}", "."), look[.rule])
      }
      frame[place, track.row] = cell
    }
  }

  /// Draws the number of each run at its position, if the positions differ; the focused run's is on top.
  private func drawCursors(into frame: inout Frame, in track: Rect, look: Look) {
    let columns = state.panes.map { column(of: $0.position, of: $0.stepCount, track) }
    guard Set(columns).count > 1 else { return }
    let order = state.panes.indices.filter { $0 != state.focus }.reversed() + [state.focus]
    for index in order {
      let style = index == state.focus ? look.style(.accent, adding: .reverse) : look.style(.text, adding: .bold)
      frame.write(String(index + 1), style, column: columns[index], row: track.row, end: track.endColumn)
    }
  }

  /// Draws the labels below the track: its ends, and the timestep below the cursor.
  private func drawLabels(into frame: inout Frame, _ track: Rect, look: Look) {
    let row = track.row + 1
    let left = state.run?.description.startName ?? "noise"
    let right = "image"
    let text = cursorLabel
    let cursor = column(of: state.position, track)
    let start = min(max(track.column, cursor - text.columns / 2), max(track.column, track.endColumn - text.columns))
    if start >= track.column + left.columns + 2 {
      frame.write(left, look[.dim], column: track.column, row: row, end: track.endColumn)
    }
    if start + text.columns + right.columns + 2 <= track.endColumn {
      frame.write(right, look[.dim], endingAt: track.endColumn, row: row, start: track.column)
    }
    frame.write(text, look[.text], column: start, row: row, end: track.endColumn)
  }

  private var cursorLabel: String {
    guard let description = state.run?.description, !description.schedule.isEmpty else { return "" }
    let schedule = description.schedule
    if state.position == 0 { return "\(description.startName), timestep \(schedule[0].timestep.wholeText) next" }
    if state.position >= schedule.count {
      return "image, after timestep \(schedule[schedule.count - 1].timestep.wholeText)"
    }
    let stage = description.stageTitle(at: state.position).map { "\($0), " } ?? ""
    let timestep = "\(stage)timestep \(schedule[state.position - 1].timestep.wholeText)"
    return branchLabel.map { "\(timestep), \($0)" } ?? timestep
  }
}

/// The regions of a screen that react to the mouse.
extension HitMap {
  /// Creates the map of a state's screen: the timeline, and the panes unless help covers them.
  package init(_ state: State) {
    let layout = Layout(state)
    if state.helpScroll == nil {
      for place in layout.grid?.places ?? [] { add(.pane(place.pane), at: place.part) }
    }
    if let timeline = layout.timeline { add(.timeline(steps: state.stepCount), at: TimelineView.track(in: timeline)) }
  }
}
