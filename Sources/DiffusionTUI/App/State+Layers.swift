/// Dispatch of keys, pasted text, the mouse and Esc: to the top layer first, then to those below it, and last to the
/// runs.
extension State {
  /// Handles a key press: first its fixed meaning, then its meaning in the layers, then the key table.
  mutating func press(_ key: Key) -> [Effect] {
    (notice, news) = (nil, nil)
    display.presenter?.note(key)
    if key == .control("c") { return [.quit] }
    if key == .control("z") { return [.suspend] }
    return hold(key) ? [] : deliver(key)
  }

  /// Gives a key to the layers and the key table, and lets the lesson follow it.
  mutating func deliver(_ key: Key) -> [Effect] {
    let (wasAwaited, wasModal) = (isAwaited(key), isModal)
    let (effects, owner) = pressLayers(key)
    // Keys that the lesson itself handles do not count as a step of it.
    if owner != .lesson { followLesson(wasAwaited: wasAwaited, wasModal: wasModal) }
    return effects
  }

  private mutating func pressLayers(_ key: Key) -> (effects: [Effect], owner: Layer.Kind?) {
    if isClosing(key) { return (dismiss(), nil) }
    for layer in layers.reversed() {
      if let effects = press(key, in: layer) { return (effects, layer.kind) }
    }
    return (keyMap.action(for: key).map { act($0) } ?? [], nil)
  }

  /// Whether a key closes the top layer: Esc where text is typed, elsewhere the key bound to it.
  private func isClosing(_ key: Key) -> Bool {
    isModal ? key == .escape : keyMap.action(for: key) == .program(.dismiss)
  }

  /// Handles a key press in a layer; returns nil where the layer passes the key on.
  private mutating func press(_ key: Key, in layer: Layer) -> [Effect]? {
    switch layer {
    case .lesson(let lesson): press(key, in: lesson)
    case .zoom: pixelAction(for: key).map { act($0) }
    case .gallery: pressInGallery(key)
    case .help(let scroll): pressHelp(key, scroll)
    case .editor(let editor): press(key, in: editor)
    case .variation(let editor): press(key, in: editor)
    case .exports(let menu): press(key, in: menu)
    case .palette(let palette): press(key, in: palette)
    case .lessonList(let list): press(key, in: list)
    case .threeUp, .writing: nil
    }
  }

  /// Handles Esc: closes the top layer, and nothing else. Without a layer, goes back to the gallery that the run was
  /// opened from, or stops the computation.
  mutating func dismiss() -> [Effect] {
    switch topLayer {
    case .writing: return cancelExport()
    case .lesson: return leaveLesson()
    case .gallery: return hideGallery()
    case .exports(var menu) where menu.naming != nil:
      menu.naming = nil
      update(.exports(menu))
    case .threeUp, .zoom, .help, .editor, .variation, .exports, .palette, .lessonList: layers.removeLast()
    case nil:
      if returnsToGallery { return openGallery() }
      playback.isPlaying = false
      return stop(Array(panes.indices))
    }
    return []
  }

  /// Types pasted text into the top layer. Where no text can be typed it is dropped: its letters were not meant as
  /// keys.
  mutating func paste(_ text: String) -> [Effect] {
    guard takesText else { return [] }
    return text.filter { !$0.isNewline && $0 != "\t" }.flatMap { press(.character($0)) }
  }

  private var takesText: Bool {
    switch layers.last(where: { $0.kind != .writing }) {
    case .editor, .variation, .palette: true
    case .exports(let menu): menu.naming != nil
    case .lesson, .threeUp, .zoom, .gallery, .help, .lessonList, nil: false
    case .writing: false
    }
  }

  /// Handles a mouse event in the layers: the gallery handles its own, the wheel scrolls help, and while text is typed
  /// or an entry is chosen the mouse does nothing. The timeline is visible below help.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    for layer in layers.reversed() {
      switch layer {
      case .editor, .variation, .exports, .palette, .lessonList: return []
      case .gallery: return pointInGallery(event)
      case .help(let scroll):
        switch event.kind {
        case .wheelUp: return pressHelp(.up, scroll) ?? []
        case .wheelDown: return pressHelp(.down, scroll) ?? []
        default: return isInGallery ? [] : pointAtRuns(event)
        }
      case .lesson, .threeUp, .zoom, .writing: break
      }
    }
    return pointAtRuns(event)
  }

  /// Scrolls or closes help; returns nil for a key with a fixed meaning. The quit key leaves help, as it leaves a page
  /// elsewhere.
  private mutating func pressHelp(_ key: Key, _ scroll: Int) -> [Effect]? {
    let page = max(1, HelpScreen.visibleRows(self))
    let distance: Int
    switch key {
    case .up: distance = -1
    case .down: distance = 1
    case .pageUp: distance = -page
    case .pageDown, .character(" "): distance = page
    case .home: distance = -scroll
    case .end: distance = 10_000
    default:
      guard keyMap.action(for: key) == .program(.quit) else { return nil }
      close(.help)
      return []
    }
    update(.help(scroll: min(max(0, scroll + distance), HelpScreen.maximumScroll(self))))
    return []
  }
}
