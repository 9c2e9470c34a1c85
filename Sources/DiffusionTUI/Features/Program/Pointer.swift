/// The state of the mouse: who owns it, and what it is dragging.
package struct Pointer: Sendable, Equatable {
  /// Whether the explorer has captured it from the terminal.
  package var isCaptured = true
  /// The region where the button was pressed; nil if no button is held.
  var grabbed: HitMap.Region?
}

extension State {
  /// Handles the mouse over the runs: a click or drag on the timeline goes to a step, a click on a pane focuses it, the
  /// wheel steps.
  mutating func pointAtRuns(_ event: MouseEvent) -> [Effect] {
    let map = HitMap(self)
    if event.kind == .press { pointer.grabbed = map.region(column: event.column, row: event.row) }
    let hit = map.hit(by: event, grabbed: pointer.grabbed)
    if event.kind == .release { pointer.grabbed = nil }
    switch hit {
    case .scrub(let step): return scrub(to: step)
    case .focus(let pane): focus = pane
    case .wheel(let steps, let pane):
      if let pane { focus = pane }
      return steps > 0 ? stepForward() : stepBack()
    case nil: break
    }
    return []
  }
}

extension State {
  /// Captures or releases the mouse.
  mutating func toggleMouse() -> [Effect] {
    pointer.isCaptured.toggle()
    notice =
      pointer.isCaptured
      ? nil : "the mouse selects text now; \(keyMap.keyLabel(of: .program(.toggleMouse)) ?? "a key") takes it again"
    return [.captureMouse(pointer.isCaptured)]
  }
}
