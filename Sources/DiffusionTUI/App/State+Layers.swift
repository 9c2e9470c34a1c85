/// Who has a key, a pasted text, the mouse and Esc: the layer on top, then those beneath it, and the runs at last.
extension State {
  /// A key press: first what it always means, then what it means to the layers, then the table.
  mutating func press(_ key: Key) -> [Effect] {
    (notice, news) = (nil, nil)
    display.presenter?.note(key)
    if key == .control("c") { return [.quit] }
    if key == .control("z") { return [.suspend] }
    let (wasAwaited, wasModal) = (isAwaited(key), isModal)
    let (effects, owner) = pressLayers(key)
    // What the lesson does with its own keys is no step of it.
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

  /// Whether a key closes what lies on top: Esc where keys are typed, else what the table has for it.
  private func isClosing(_ key: Key) -> Bool {
    isModal ? key == .escape : keyMap.action(for: key) == .program(.dismiss)
  }

  /// What a key does in a layer; nil where it passes the key on.
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

  /// Esc: closes what lies on top, and nothing else. Where nothing does, goes back to the gallery that the run was
  /// opened from, or stops what runs.
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

  /// Types a pasted text into what lies on top. Where nothing is typed it is dropped: its letters were not meant as
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

  /// What the mouse asks for of the layers: the gallery has it for itself, the wheel scrolls help, and while something
  /// is typed or chosen it asks for nothing. The timeline is in sight below help.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    for layer in layers.reversed() {
      switch layer {
      case .editor, .variation, .exports, .palette, .lessonList: return []
      case .gallery: return pointInGallery(event)
      case .help(let scroll):
        switch event.kind {
        case .wheelUp: return pressHelp(.up, scroll) ?? []
        case .wheelDown: return pressHelp(.down, scroll) ?? []
        default: return pointAtRuns(event)
        }
      case .lesson, .threeUp, .zoom, .writing: break
      }
    }
    return pointAtRuns(event)
  }

  /// Scrolls help or closes it; nil for a key that means what it always does. The key that quits leaves help, as it
  /// leaves a page elsewhere.
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
