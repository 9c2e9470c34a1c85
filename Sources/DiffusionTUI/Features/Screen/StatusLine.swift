import DiffusionCore

/// The line that is always shown: `seed <n>`, `step <i>/<N>`, `device <d>`, `noise <d>`, and for a run from a picture
/// `picture <name> <strength>`.
package struct StatusLine {
  package let state: State
  /// The settings to show after the fields, as many as fit; nil if they have a line of their own.
  package let settings: [(label: String, value: String)]?

  /// The columns for what is going on, so that it never moves the settings.
  private static let activityColumns = 10
  /// From how many seconds on the time left is worth a place.
  private static let longSeconds = 10.0

  package init(state: State, settings: [(label: String, value: String)]? = nil) {
    self.state = state
    self.settings = settings
  }

  /// The four or five fields: in the gallery those of the selected image, elsewhere those of the run in focus.
  package var fields: [(label: String, value: String)] {
    let request = state.kept, settings = request.settings
    let more = settings.seeds.count > 1 ? "+\(settings.seeds.count - 1)" : ""
    return [
      (Setting.seeds.label, (settings.seeds.first ?? 0).description + more),
      ("step", galleryStep ?? "\(state.position)/\(state.stepCount)"),
      (Setting.device.label, settings.device.label),
      (Setting.generatorDevice.label, Setting.generatorDevice.text(of: request)),
    ]
      + (settings.initImage.map { picture in
        let share = Setting.strength.text(of: request) + (settings.invert ? " and back" : "")
        return [(Setting.initImage.label, "\(picture.shortName) \(share)")]
      } ?? [])
  }

  /// The steps of the selected image, taken and in all; nil outside of the gallery.
  private var galleryStep: String? {
    guard state.isInGallery, let gallery = state.gallery else { return nil }
    let batch = state.galleryImages.batch, steps = state.kept.settings.steps
    if state.galleryImages.store.image(of: gallery.entry) != nil { return "\(steps)/\(steps)" }
    return batch.entries.contains(gallery.entry) && batch.stepCount > 0
      ? "\(batch.completedSteps)/\(batch.stepCount)" : "0/\(steps)"
  }

  /// The fields, with the short name of a demonstration where what is going on would have no room.
  private func fields(columns: Int) -> [(label: String, value: String)] {
    let fields = fields, device = state.kept.settings.device
    guard device.demonstration != nil, Self.width(of: fields) + 8 + Self.activityColumns > columns else {
      return fields
    }
    return fields.map { $0.label == Setting.device.label ? ($0.label, "\(device) (demo)") : $0 }
  }

  private static func width(of fields: [(label: String, value: String)]) -> Int {
    fields.reduce(0) { $0 + $1.label.columns + 1 + $1.value.columns }
  }

  /// The separator between two fields: spaces, fewer where what is going on would have no room, or a dot.
  private func separator(columns: Int) -> String {
    let width = Self.width(of: fields(columns: columns))
    if width + 14 + (settings == nil ? 0 : Self.activityColumns) <= columns { return "    " }
    return width + 6 <= columns || !state.capabilities.unicode ? "  " : "\u{00B7}"
  }

  /// The fields of each line, with as few lines as the columns allow.
  package func lines(columns: Int) -> [[Int]] {
    let gap = separator(columns: columns).columns, fields = fields(columns: columns)
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
    let fields = fields(columns: part.columns)
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
      guard lines.count == 1 else { continue }
      column = drawSettings(into: &frame, in: part, from: column, gap: separator.columns, look)
      drawActivity(into: &frame, in: part, from: column + 2, look)
    }
  }

  /// Draws the settings that fit. Returns the column behind them.
  private func drawSettings(
    into frame: inout Frame, in part: Rect, from start: Int, gap: Int, _ look: Look
  ) -> Int {
    let activityColumns = max(Self.activityColumns, timeLeft.map { "\(activity), \($0)".columns } ?? 0)
    let end = part.endColumn - activityColumns - 3
    var column = start
    // The activity says how fast it plays.
    for (label, value) in settings ?? [] where !state.playback.isPlaying || value != state.playback.label {
      let text = label.isEmpty ? value : "\(label) \(value)"
      guard column + gap + text.columns <= end else { continue }
      column = frame.write(text, look[.barText], column: column + gap, row: part.row, end: end)
    }
    return column
  }

  /// Draws the current activity at the right end, with what no other line shows of it where there is room.
  private func drawActivity(into frame: inout Frame, in part: Rect, from column: Int, _ look: Look) {
    let more = settings == nil ? nil : state.playback.isPlaying ? state.playback.label : blocks
    let long = [timeLeft, more].compactMap { $0.map { "\(activity), \($0)" } }
    let texts = long + [timeLeft, activity].compactMap(\.self)
    guard let text = texts.first(where: { part.endColumn - 1 - $0.columns >= column }) else { return }
    frame.write(text, look[.barText], endingAt: part.endColumn - 1, row: part.row, start: column)
  }

  private var activity: String {
    if state.isInGallery, let gallery = state.gallery {
      let images = state.galleryImages
      if images.store.image(of: gallery.entry) != nil { return "done" }
      return images.batch.entries.contains(gallery.entry) ? "computing" : "waiting"
    }
    if state.isStarting { return "starting" }
    if state.playback.isPlaying { return "playing" }
    if state.goal > state.position { return "to step \(state.goal)" }
    if state.pane.failure != nil, state.isComparing { return "failed" }
    if state.isComputing { return "computing" }
    if state.run == nil { return "no run" }
    return state.position == state.stepCount ? "done" : "paused"
  }

  /// The time that the steps to come take, from the last ones; nil where nobody has to wait for long.
  private var timeLeft: String? {
    guard let run = state.run, state.playback.isPlaying || state.goal > state.completedSteps else { return nil }
    let last = run.history.suffix(8).map(\.step.seconds), goal = state.playback.isPlaying ? state.stepCount : state.goal
    guard !last.isEmpty else { return nil }
    let seconds = last.reduce(0, +) / Double(last.count) * Double(min(goal, state.stepCount) - state.completedSteps)
    return seconds < Self.longSeconds ? nil : "\(NumberText.duration(seconds)) left"
  }

  /// The blocks of the model that are computed, out of all; nil while nothing is computed.
  private var blocks: String? {
    guard state.isComputing else { return nil }
    return state.progress.map { "\($0.completed)/\(max(1, $0.total))" }
  }
}
