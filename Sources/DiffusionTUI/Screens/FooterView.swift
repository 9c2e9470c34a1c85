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
    while items.count > 1, items.reduce(-2, { $0 + $1.key.columns + $1.label.columns + 3 }) > part.columns - 2 {
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

  /// The least wanted row that a presenter still shows: the footer is for those who hold the keyboard.
  private static let presenterRank = 4

  private func items(_ look: Look) -> [(key: String, label: String, rank: Int)] {
    if state.editor != nil { return [("Enter", "apply", 0), ("Esc", "keep the old value", 1), ("Ctrl-U", "clear", 2)] }
    if state.variationEditor != nil { return VariationLine.footer }
    if state.helpScroll == nil, state.isInGallery { return GalleryScreen.footer(look) }
    if state.exportMenu?.naming != nil { return [("Enter", "write", 0), ("Esc", "back", 1), ("Ctrl-U", "clear", 2)] }
    if state.exportMenu != nil { return [("Enter", "choose", 0), ("Esc", "close", 1), ("up down", "move", 2)] }
    if state.helpScroll != nil { return [("Esc", "close", 0), ("up down", "scroll", 1), ("q", "quit", 2)] }
    if state.viewport != nil { return inspecting }
    return state.keyMap.bindings.filter { !$0.keys.isEmpty && isOfUse($0) }.compactMap { binding in
      guard let rank = binding.footerRank, state.presenter == nil || rank <= Self.presenterRank else { return nil }
      return (binding.shortKeyLabel(unicode: look.capabilities.unicode), label(binding), rank)
    }
  }

  /// What keys mean while a pixel is pointed at: the arrows are the pixel's, so that stepping needs its letters.
  private var inspecting: [(key: String, label: String, rank: Int)] {
    func key(_ action: Action) -> String? {
      state.keyMap.bindings.first { $0.action == action }?.keys.first { $0.arrow == nil }?.label
    }
    let items = [
      ("arrows", "pixel", 2), (key(.inspect(.zoomIn)), "closer", 3), (key(.inspect(.zoomOut)), "wider", 4),
      (key(.dismiss), "leave", 1), (key(.stepBack), "back", 6), (key(.stepForward), "step", 5),
      (key(.togglePlay), "play", 7), (key(.cycleView), "view", 8), (key(.toggleHelp), "help", 9),
    ]
    return items.compactMap { key, label, rank in key.map { ($0, label, rank) } }
  }
}
