/// Dispatch of keys, pasted text, the mouse and Esc: to the top layer first, then to those below it, and last to the
/// runs.
extension State {
  /// Handles a key press: first its fixed meaning, then its meaning in the layers, then the key table.
  mutating func press(_ key: Key) -> [Effect] {
    (notice, news) = (nil, nil)
    display.presenter?.note(key)
    if !isClosing(key) { forgetLeaving() }
    if key == .control("c") { return [.quit] }
    if key == .control("z") { return [.suspend] }
    return hold(key) ? [] : deliver(key)
  }

  /// Gives a key to the layers and the key table, and lets the lesson follow it.
  mutating func deliver(_ key: Key) -> [Effect] {
    if countWhatIsShown(key) { return [] }
    let press = LessonPress(key, in: self)
    let (effects, owner) = pressLayers(key)
    // Keys that the lesson itself handles do not count as a step of it.
    if owner != .lesson { followLesson(press, by: owner) }
    return effects
  }

  private mutating func pressLayers(_ key: Key) -> (effects: [Effect], owner: Layer.Kind?) {
    if isClosing(key) { return (dismiss(), nil) }
    for layer in layers.reversed() {
      if let effects = press(key, in: layer) { return (effects, layer.kind) }
    }
    return (pressRuns(key), nil)
  }

  /// Handles a key press in a layer; returns nil where the layer passes the key on.
  private mutating func press(_ key: Key, in layer: Layer) -> [Effect]? {
    switch layer {
    case .lesson(let lesson): press(key, in: lesson)
    case .zoom: pixelAction(for: key).map { act($0) }
    case .attention(let choice): press(key, in: choice)
    case .gallery: pressInGallery(key)
    case .sweep: pressInSweep(key)
    case .help(let scroll): pressHelp(key, scroll)
    case .search(let text): pressSearch(key, text)
    case .editor(let editor): press(key, in: editor)
    case .variation(let editor): press(key, in: editor)
    case .branch(let editor): press(key, in: editor)
    case .exports(let menu): press(key, in: menu)
    case .palette(let palette): press(key, in: palette)
    case .lessonList(let list): press(key, in: list)
    case .threeUp, .writing, .download: nil
    }
  }

  /// Handles Esc: closes the top layer, and nothing else; a lesson asks first. Without a layer, goes back to the
  /// gallery that the run was opened from, or stops what is being opened or computed.
  mutating func dismiss() -> [Effect] {
    let hasSteps = lessonHasSteps
    dropEarlyKeys()
    switch topLayer {
    case .writing: return cancelExport()
    case .download: return cancelDownload()
    case .lesson: return dismissLesson(hasSteps: hasSteps)
    case .gallery: return hideGallery()
    case .sweep: return hideSweep()
    case .exports(var menu) where menu.naming != nil:
      menu.naming = nil
      update(.exports(menu))
    case .threeUp, .attention, .zoom, .help, .search, .editor, .variation, .branch, .exports, .palette, .lessonList:
      layers.removeLast()
    case nil:
      if returnsToGallery { return openGallery() }
      if returnsToSweep { return showSweep() }
      if let effects = cancelOpening() { return effects }
      if isStarting, !isComputing { notice = reasonOfStart }
      if !isBusy { notice = "nothing is open and nothing runs: \(pressing(.program(.quit))) to quit" }
      playback.isPlaying = false
      return stopDecoding() + stop(Array(panes.indices))
    }
    return []
  }

  /// Types text that arrived at once into the top layer, as one edit. Where no text can be typed it is dropped: its
  /// letters were not meant as keys.
  mutating func paste(_ text: String) -> [Effect] {
    let isCut = text.unicodeScalars.count >= InputDecoder.longestPaste, text = inOneLine(text)
    guard isTyping, !text.isEmpty else { return [] }
    (notice, news) = (nil, nil)
    let effects = insert(text)
    if isCut { notice = "a paste has at most \(InputDecoder.longestPaste) characters: the rest was left out" }
    if display.presenter != nil { for character in text { display.presenter?.note(.character(character)) } }
    if lesson != nil {
      for character in text { followLesson(LessonPress(.character(character), in: self), by: nil) }
    }
    return effects
  }

  /// Whether characters are typed into the top layer as text.
  package var isTyping: Bool {
    switch layers.last(where: { !$0.kind.isTask }) {
    case .search, .editor, .variation, .branch, .palette: true
    case .exports(let menu): menu.naming != nil
    case .lesson, .threeUp, .attention, .zoom, .gallery, .sweep, .help, .lessonList, nil: false
    case .writing, .download: false
    }
  }

  /// A text without line breaks and tabulators. In a sentence they are spaces, and of prompts that are listed for the
  /// gallery each line is one.
  private func inOneLine(_ text: String) -> String {
    if (editor ?? branchEditor?.editor)?.setting.hasProse == true { return text.inOneLine }
    guard palette?.listsPrompts == true else { return text.filter { !$0.isNewline && $0 != "\t" } }
    // Lines are prompts, but those of JSON are not.
    if text.drop(while: \.isWhitespace).hasPrefix("[\"") { return text.inOneLine }
    return text.split(whereSeparator: \.isNewline).map { String($0).inOneLine }.joined(separator: " | ")
  }

  private mutating func insert(_ text: String) -> [Effect] {
    switch layers.last(where: { !$0.kind.isTask }) {
    case .search(let typed): search(typed + text)
    case .editor(var editor):
      editor.insert(text)
      update(.editor(editor))
    case .variation(let editor): return type(text, in: editor)
    case .branch(var editor):
      editor.insert(text)
      update(.branch(editor))
    case .palette(var palette):
      palette.insert(text)
      update(.palette(palette))
    case .exports(var menu):
      menu.insert(text)
      update(.exports(menu))
    case .lesson, .threeUp, .attention, .zoom, .gallery, .sweep, .help, .lessonList, .writing, .download, nil:
      break
    }
    return []
  }

  /// Handles a mouse event in the layers: the gallery handles its own, the wheel scrolls help, and while text is typed
  /// or an entry is chosen the mouse does nothing. The timeline is visible below help.
  mutating func point(_ event: MouseEvent) -> [Effect] {
    // A page that is being prepared counts on where the runs are.
    if lesson?.isPreparing == true { return [] }
    for layer in layers.reversed() {
      switch layer {
      case .editor, .variation, .branch, .exports, .palette, .lessonList: return []
      case .gallery: return pointInGallery(event)
      case .sweep: return pointInSweep(event)
      case .help(let scroll):
        switch event.kind {
        case .wheelUp: return pressHelp(.up, scroll) ?? []
        case .wheelDown: return pressHelp(.down, scroll) ?? []
        default: return isInGallery || isInSweep ? [] : pointAtRuns(event)
        }
      case .lesson, .threeUp, .attention, .zoom, .search, .writing, .download: break
      }
    }
    return pointAtRuns(event)
  }
}

extension String {
  /// The text with a space for each line break and tabulator.
  fileprivate var inOneLine: String { String(map { $0.isNewline || $0 == "\t" ? " " : $0 }) }
}
