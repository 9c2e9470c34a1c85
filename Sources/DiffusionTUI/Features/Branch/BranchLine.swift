import DiffusionCore

/// The settings line while a branch is being set up: the setting that is edited, what it may be, and what else changes.
package struct BranchLine {
  package let editor: BranchEditor
  package let limits: SettingLimits
  /// What speaks against the value; nil for nothing.
  package let reservation: String?

  /// The keys shown in the footer.
  package static let footer = [
    FooterKey("Enter", "branch", 0), FooterKey("Esc", "cancel", 1), FooterKey("up down", "setting", 2),
    FooterKey("Tab", "next value", 3), FooterKey("Ctrl-U", "clear", 4),
  ]

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let row = part.row, end = part.endColumn
    let changes = editor.changes.isEmpty ? "" : ", \(editor.changes)"
    let place =
      ["branch at step \(editor.step)\(changes), ", "branch at step \(editor.step), ", ""]
      .first { $0.columns + editor.editor.setting.label.columns + 24 <= part.columns } ?? ""
    var column = part.columns > 40 ? 1 : 0
    column = frame.write(place, look[.text], column: column, row: row, end: end)
    column = frame.write(editor.editor.setting.label + " ", look[.accent], column: column, row: row, end: end)
    let text = editor.editor.text.suffix(columns: max(1, end - column - 1))
    let attributes: Style.Attributes = editor.editor.isFresh ? .reverse : .underline
    column = frame.write(text, look.style(.text, adding: attributes), column: column, row: row, end: end)
    if !editor.editor.isFresh { frame[column, row] = Cell(" ", look.style(.text, adding: .reverse)) }
    column += 3
    let hints = editor.hint(limits: limits)
    let warnings = reservation.map { [$0, "not made for this model"] } ?? []
    guard let hint = (warnings + [hints.long, hints.short]).first(where: { column + $0.columns <= end }) else { return }
    frame.write(hint, look[warnings.contains(hint) ? .warning : .dim], column: column, row: row, end: end)
  }
}

extension TimelineView {
  /// The steps at which a run on the screen leaves the others, as places on the focused run's track.
  var branchSteps: [Int] {
    Set(state.panes.flatMap { $0.request.settings.branches.map(\.step) }).filter { $0 <= state.stepCount }.sorted()
  }

  /// The words for a cursor that stands where the focused run branches; nil elsewhere.
  var branchLabel: String? {
    state.position > 0 && state.pane.request.settings.branches.contains { $0.step == state.position }
      ? "branched at step \(state.position)" : nil
  }
}

extension MessageLine {
  /// Where the focused run branches, and what changes there.
  var branchWords: [(String, String)] {
    let request = state.pane.request
    return request.settings.branches.isEmpty ? [] : [("", Setting.branches.title(of: request))]
  }
}
