/// The last line: keys, as many as there is room for.
package struct FooterView {
  package let state: State

  /// What the footer calls a key's row now.
  private func label(_ binding: KeyBinding) -> String {
    guard binding.action == .togglePlay else { return binding.label }
    if state.isPlaying { return "pause" }
    return state.linkedPanes.contains { state.panes[$0].isQueued } ? "stop" : "play"
  }

  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    var items = items(look)
    while items.count > 1, items.reduce(-2, { $0 + $1.key.count + $1.label.count + 3 }) > part.columns - 2 {
      guard let worst = items.indices.max(by: { items[$0].rank < items[$1].rank }) else { break }
      items.remove(at: worst)
    }
    var column = 1
    for item in items {
      column = frame.write(item.key, look[.accent], column: column, row: part.row, end: part.endColumn) + 1
      column = frame.write(item.label, look[.dim], column: column, row: part.row, end: part.endColumn) + 2
    }
  }

  /// Whether a row is worth its room now: most of comparing is not, for one run.
  private func isOfUse(_ binding: KeyBinding) -> Bool {
    state.isComparing || binding.group != .compare || binding.action == .addPane
  }

  private func items(_ look: Look) -> [(key: String, label: String, rank: Int)] {
    if state.editor != nil { return [("Enter", "apply", 0), ("Esc", "keep the old value", 1), ("Ctrl-U", "clear", 2)] }
    if state.exportMenu?.naming != nil { return [("Enter", "write", 0), ("Esc", "back", 1), ("Ctrl-U", "clear", 2)] }
    if state.exportMenu != nil { return [("Enter", "choose", 0), ("Esc", "close", 1), ("up down", "move", 2)] }
    if state.helpScroll != nil { return [("Esc", "close", 0), ("up down", "scroll", 1), ("q", "quit", 2)] }
    return state.keyMap.bindings.filter { !$0.keys.isEmpty && isOfUse($0) }.compactMap { binding in
      binding.footerRank.map { (binding.shortKeyLabel(unicode: look.capabilities.unicode), label(binding), $0) }
    }
  }
}
