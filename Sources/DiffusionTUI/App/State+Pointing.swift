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

/// What the screen says of keys, which people can rebind.
extension State {
  /// Says how to ask for an action, as in `press r`: by the first key that asks for it as things stand, or by its name
  /// where it has none. While a pixel is pointed at, the arrows are the pixel's.
  package func pressing(_ action: Action) -> String {
    guard let binding = keyMap.bindings.first(where: { $0.action == action }) else { return "" }
    let key = binding.keys.first { pixelAction(for: $0) == nil }
    return key.map { "press \($0.label)" } ?? "type :\(binding.name)"
  }
}
