/// Keys in help, and in a search of it.
extension State {
  /// Opens a search of help, and help itself if it is not open.
  mutating func openSearch() {
    if !isOpen(.help) { open(.help(scroll: 0)) }
    open(.search(""))
    search("")
  }

  /// Shows the lines of help that match a text, from the first one on.
  mutating func search(_ text: String) {
    update(.search(text.prefix(scalars: Self.longestSearch)))
    update(.help(scroll: 0))
  }

  private static var longestSearch: Int { 256 }

  /// Handles a key press while help is searched.
  mutating func pressSearch(_ key: Key, _ text: String) -> [Effect] {
    switch key {
    case .character(let character): search(text + String(character))
    case .backspace where text.isEmpty: close(.search)
    case .backspace: search(String(text.dropLast()))
    case .delete, .control("u"): search("")
    case .up, .down, .pageUp, .pageDown, .home, .end: return pressHelp(key, helpScroll ?? 0) ?? []
    default: break
    }
    return []
  }

  /// Scrolls or closes help; returns nil for a key with a fixed meaning. The quit key leaves help, as it leaves a page
  /// elsewhere.
  mutating func pressHelp(_ key: Key, _ scroll: Int) -> [Effect]? {
    let page = max(1, HelpScreen.visibleRows(self))
    let distance: Int
    switch listKey(key) {
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
