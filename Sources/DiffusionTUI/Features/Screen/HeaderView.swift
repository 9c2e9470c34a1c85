import DiffusionCore

/// The first line: the model, the prompt or the class, the scale where no caption has it, and the three views as tabs.
package struct HeaderView {
  package let state: State
  package let layout: Layout

  /// The most columns for the prompt.
  private static let promptColumns = 60
  /// The most columns that the class takes from others.
  private static let classColumns = 28

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let end = part.endColumn - 1
    // The class has its place before long names of the views and the end of a long model's name.
    let title = part.columns < 50 ? nil : classTitle(columns: Self.classColumns)
    let reserved = title.map { $0.columns + 2 } ?? 0
    let tabs = tabs(columns: part.columns - 2, reserved: reserved)
    let width = tabs.reduce(0) { $0 + $1.label.columns } + 3 * (tabs.count - 1)
    var column = max(1, end - width)
    var name = frame.write(
      state.modelName, look.style(.text, adding: .bold), column: 1, row: part.row,
      end: max(1, column - 2 - reserved))
    let note = notes.last.map { $0.columns + 3 } ?? 0
    let space = min(Self.promptColumns, column - 4 - name - note)
    if let prompt = state.pane.request.promptTitle(columns: space) ?? classTitle(columns: column - 4 - name) {
      name = frame.write(prompt, look[.accent], column: name + 2, row: part.row, end: column - 2)
    }
    if let note = notes.first(where: { name + 3 + $0.columns <= column - 2 }) {
      frame.write(note, look[.dim], column: name + 3, row: part.row, end: column - 2)
    }
    for tab in tabs {
      let isShown = tab.view == state.view
      let style = isShown ? look.style(.accent, adding: .underline) : look[.dim]
      column = frame.write(tab.label, style, column: column, row: part.row, end: end) + 3
    }
  }

  /// The class of the run, where there is no line of settings that has it.
  private func classTitle(columns: Int) -> String? {
    guard layout.settings == nil, let run = state.run?.description, run.model == state.pane.request.model else {
      return nil
    }
    let prefix = "\(Setting.classLabels.label) ", columns = min(columns, Self.promptColumns)
    return columns < 8 ? nil : run.classTitle(columns: columns - prefix.columns).map { prefix + $0 }
  }

  /// What no caption says: the scale, and what is shown of the channels. Longest first.
  private var notes: [String] {
    guard state.helpScroll == nil, state.run?.tensor(state.view, at: state.position) != nil,
      let scale = layout.unsaidScale(of: state)?.sizeLabel(in: state.shownRenderer)
    else { return [] }
    // The view's picture is not among those of a guided prediction.
    if state.threeUpSubject?.isGuided == true { return [scale] }
    return state.pictureSummary(of: state.focus).map { "\(scale)  \($0)" } + [scale]
  }

  /// The tabs with long names, short names, or only the current one, depending on the space.
  private func tabs(columns: Int, reserved: Int) -> [(view: TensorView, label: String)] {
    let space = columns - min(state.modelName.columns, 16) - 3 - reserved
    let long = TensorView.allCases.map { (view: $0, label: $0.label) }
    let short = TensorView.allCases.map { (view: $0, label: $0.shortLabel) }
    for tabs in [long, short] where tabs.reduce(0, { $0 + $1.label.columns + 3 }) - 3 <= space { return tabs }
    return [(state.view, columns < 30 ? state.view.shortLabel : state.view.label)]
  }
}
