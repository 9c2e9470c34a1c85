extension State {
  /// What the mouse asks for: a click or a drag on the timeline goes to a step, a click on a pane focuses it, the wheel
  /// steps. While something is typed it asks for nothing.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    guard editor == nil, variationEditor == nil, palette == nil, exportMenu == nil, lessonList == nil else { return [] }
    if isInGallery, helpScroll == nil { return pointInGallery(event) }
    let map = HitMap(self)
    if event.kind == .press { grabbed = map.region(column: event.column, row: event.row) }
    let hit = map.hit(by: event, grabbed: grabbed)
    if event.kind == .release { grabbed = nil }
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
    capturesMouse.toggle()
    notice =
      capturesMouse ? nil : "the mouse selects text now; \(keyMap.keyLabel(of: .toggleMouse) ?? "a key") takes it again"
    return [.captureMouse(capturesMouse)]
  }

  /// Types a pasted text into what is open. Elsewhere it is dropped: its letters were not meant as keys.
  mutating func paste(_ text: String) -> [Effect] {
    guard editor != nil || variationEditor != nil || palette != nil || exportMenu?.naming != nil else { return [] }
    return text.filter { !$0.isNewline && $0 != "\t" }.flatMap { press(.character($0)) }
  }
}
