import DiffusionCore

/// The few numbers of a run that are worth showing on a projector, with space between them.
package struct PresenterNumbers {
  package let state: State

  /// The number of rows that it needs to say how much is clipped.
  static let rowsToClipped = 6

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let gap = part.rows >= 2 * entries.count + 1 ? 2 : 1
    let top = max(0, (part.rows - entries.count * gap) / 3)
    for (index, entry) in entries.enumerated() {
      let row = part.row + top + index * gap
      guard row < part.endRow else { return }
      let column = frame.write(entry.label, look[.text], column: part.column, row: row, end: part.endColumn)
      let value = max(column + 2, part.column + min(14, part.columns / 2))
      frame.write(entry.value, look.style(entry.role, adding: .bold), column: value, row: row, end: part.endColumn)
    }
  }

  private var entries: [ValueTable.Entry] {
    typealias Entry = ValueTable.Entry
    guard let run = state.run, let statistics = run.statistics(state.view, at: state.position) else {
      return [Entry("no numbers yet", "")]
    }
    var entries = [Entry("step", "\(state.position) of \(state.stepCount)", .accent)]
    if let timestep = state.lastTimestep(state.focus + 1) { entries.append(Entry("timestep", timestep.wholeText)) }
    entries.append(Entry("std", NumberText.fixed(statistics.std, 3)))
    entries.append(Entry("mean", NumberText.fixed(statistics.mean, 3)))
    let notFinite = statistics.nanCount + statistics.infinityCount
    if notFinite > 0 { entries.append(Entry("NaN/Inf", "\(notFinite)", .alarm)) }
    if run.description.latents != nil {
      if let kind = state.pictureKind(of: state.focus, channel: state.inspection.channel) {
        entries.append(Entry("picture", kind))
      }
      entries.append(Entry("\(state.view.symbol) sha256", String(statistics.sha256.prefix(8))))
      return entries
    }
    let clipped = NumberText.fixed(100 * statistics.clipped, 1) + " %"
    entries.append(Entry("clipped", clipped, statistics.clipped > 0 ? .warning : .text))
    entries.append(Entry("\(state.view.symbol) sha256", String(statistics.sha256.prefix(8))))
    return entries
  }
}

/// The pressed keys, in the lower right corner, with the latest highlighted.
package struct KeyEcho {
  package let presenter: Presenter
  package let unicode: Bool

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    // On a screen so small that the row is shared, only the latest key is shown.
    let labels = presenter.keys.suffix(part.row >= LessonLayout.leastRowsWithEcho - 1 ? 4 : 1).map(label)
    let width = labels.reduce(-1) { $0 + $1.columns + 3 }
    var column = max(part.column, part.endColumn - width)
    for (index, label) in labels.enumerated() {
      let isLatest = index == labels.count - 1
      let style = isLatest ? look.style(.accent, adding: [.bold, .reverse]) : look[.text]
      column = frame.write(" \(label) ", style, column: column, row: part.row, end: part.endColumn) + 1
    }
  }

  private func label(_ entry: Presenter.Press) -> String {
    let name = unicode ? entry.key.arrow.map { "\($0) \(entry.key.label)" } ?? entry.key.label : entry.key.label
    return entry.count > 1 ? "\(name) \(unicode ? "\u{00D7}" : "x")\(entry.count)" : name
  }
}
