import DiffusionCore

/// The line that is always shown: `seed <n>`, `step <i>/<N>`, `device <d>`, `noise <d>`.
package struct StatusLine {
  package let state: State

  /// The four fields.
  package var fields: [(label: String, value: String)] {
    let settings = state.settings
    let more = settings.seeds.count > 1 ? "+\(settings.seeds.count - 1)" : ""
    return [
      (Setting.seeds.label, (settings.seeds.first ?? 0).description + more),
      ("step", "\(state.position)/\(state.stepCount)"),
      (Setting.device.label, settings.device.label),
      (Setting.generatorDevice.label, Setting.generatorDevice.text(of: state.pane.request)),
    ]
  }

  /// The separator between two fields: spaces, or a dot where space is tight.
  private func separator(columns: Int) -> String {
    let width = fields.reduce(0) { $0 + $1.label.columns + 1 + $1.value.columns }
    if width + 14 <= columns { return "    " }
    return width + 6 <= columns || !state.capabilities.unicode ? "  " : "\u{00B7}"
  }

  /// The fields of each line, with as few lines as the columns allow.
  package func lines(columns: Int) -> [[Int]] {
    let gap = separator(columns: columns).columns
    var lines: [[Int]] = [[]]
    var used = 0
    for (index, field) in fields.enumerated() {
      let width = field.label.columns + 1 + field.value.columns
      let needed = used + (used > 0 ? gap : 0) + width
      if used > 0, needed > columns {
        lines.append([index])
        used = width
      } else {
        lines[lines.count - 1].append(index)
        used = needed
      }
    }
    return lines
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    frame.fill(part, Cell(" ", look[.barText]))
    let fields = fields
    let lines = lines(columns: part.columns)
    let separator = separator(columns: part.columns)
    let bold = look.style(.barText, adding: .bold)
    for (row, line) in lines.prefix(part.rows).enumerated() {
      var column = separator.columns > 2 ? 1 : 0
      for index in line {
        let gap = index == line.first ? "" : separator
        let label = gap + fields[index].label + " "
        column = frame.write(label, look[.barText], column: column, row: part.row + row, end: part.endColumn)
        column = frame.write(fields[index].value, bold, column: column, row: part.row + row, end: part.endColumn)
      }
      if lines.count == 1 { drawActivity(into: &frame, in: part, from: column + 2, look) }
    }
  }

  /// Draws the current activity at the right end.
  private func drawActivity(into frame: inout Frame, in part: Rect, from column: Int, _ look: Look) {
    let text =
      if state.isStarting {
        "starting"
      } else if state.playback.isPlaying {
        "playing"
      } else if state.goal > state.position {
        "to step \(state.goal)"
      } else if state.pane.failure != nil, state.isComparing {
        "failed"
      } else if state.isComputing {
        "computing"
      } else if state.run == nil {
        "no run"
      } else {
        state.position == state.stepCount ? "done" : "paused"
      }
    guard part.endColumn - 1 - text.columns >= column else { return }
    frame.write(text, look[.barText], endingAt: part.endColumn - 1, row: part.row, start: column)
  }
}
