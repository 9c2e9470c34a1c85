/// Whose the mouse is, and what it holds.
package struct Pointer: Sendable, Equatable {
  /// Whether it is the explorer's, and not the terminal's.
  package var isCaptured = true
  /// The part of the screen where the button went down; nil while none is held.
  var grabbed: HitMap.Region?
}

extension State {
  /// What the mouse asks for of the runs: a click or a drag on the timeline goes to a step, a click on a pane focuses
  /// it, the wheel steps.
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
  /// Takes the mouse or lets go of it.
  mutating func toggleMouse() -> [Effect] {
    pointer.isCaptured.toggle()
    notice =
      pointer.isCaptured
      ? nil : "the mouse selects text now; \(keyMap.keyLabel(of: .program(.toggleMouse)) ?? "a key") takes it again"
    return [.captureMouse(pointer.isCaptured)]
  }
}
