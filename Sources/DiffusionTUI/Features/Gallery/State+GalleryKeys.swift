import DiffusionCore

/// Keys and the mouse in the gallery.
extension State {
  /// Handles a key that has a meaning only in the gallery; nil for others.
  mutating func pressInGallery(_ key: Key) -> [Effect]? {
    guard var gallery else { return nil }
    let layout = GalleryLayout(self)
    switch listKey(key) {
    case .up: gallery.move(to: gallery.cursor - min(layout.columns, gallery.cursor))
    case .down where gallery.cursor + layout.columns < gallery.entries.count:
      gallery.move(to: gallery.cursor + layout.columns)
    case .down: break
    case .pageUp: gallery.move(to: gallery.cursor - layout.pageSize)
    case .pageDown: gallery.move(to: gallery.cursor + layout.pageSize)
    case .enter: return openRun()
    case .character("+"): gallery.enlargement = layout.enlargement(after: 1)
    case .character("-"): gallery.enlargement = layout.enlargement(after: -1)
    default: return nil
    }
    if gallery == self.gallery { notice = reasonOfNoMove(key) }
    self.gallery = gallery
    return []
  }

  private func reasonOfNoMove(_ key: Key) -> String {
    switch key {
    case .character("+"): "images get no larger on this screen"
    case .character("-"): "images get no smaller on this screen"
    default: "there is no image that way: \(pressing(.gallery(.open))) for other \(gallery?.entries.noun(2) ?? "seeds")"
    }
  }

  /// Handles an action that has a different meaning in the gallery; nil for others.
  mutating func actInGallery(_ action: Action) -> [Effect]? {
    guard isInGallery, let gallery else { return nil }
    switch action {
    case .playback(.stepForward): self.gallery?.move(to: gallery.cursor + 1)
    case .playback(.stepBack): self.gallery?.move(to: gallery.cursor - 1)
    case .playback(.first): self.gallery?.move(to: 0)
    case .playback(.last): self.gallery?.move(to: gallery.entries.count - 1)
    case .playback(.togglePlay): return mark()
    case .compare(.addPane): return compareMarked()
    case .run(.restart):
      galleryImages.store.forgetFailures()
      return develop()
    case .gallery(.open): askForEntries(gallery)
    case .run(.edit(.prompt)) where gallery.entries.arePrompts: askForEntries(gallery)
    case .run(.edit(.classLabels)) where gallery.entries.noun(1) == "class": askForEntries(gallery)
    case .run(.edit(.seeds)) where gallery.entries.haveOneSeed, .run(.randomSeed) where gallery.entries.haveOneSeed:
      return nil
    case .playback, .run(.randomSeed), .run(.branch), .run(.edit(.seeds)), .display(.cycleView), .compare, .inspect:
      notice = "that is for runs: Enter opens this \(gallery.entries.noun(1))'s, Esc leaves the gallery"
    case .run, .display, .keep, .program, .lesson: return nil
    case .key, .mouse, .paste, .resize, .hangUp: return nil
    case .runStarted, .modelOpening, .progress, .stepCompleted, .runFailed, .seedDrawn, .galleryAdvanced, .sweepFound,
      .noisePreviewed, .exportEnded, .commandLine, .decoded, .decodingFailed, .attended, .attentionFailed,
      .devicesListed, .tick:
      return nil
    }
    return []
  }

  /// Opens the palette for other entries; prompts and classes are there to be edited.
  private mutating func askForEntries(_ gallery: Gallery) {
    open(.palette(CommandPalette(query: "gallery " + (gallery.entries.haveOneSeed ? gallery.entries.text : ""))))
  }

  private mutating func mark() -> [Effect] {
    guard gallery?.toggleMark() == true else {
      notice =
        "\(Self.maximumPanes) \(gallery?.entries.noun(2) ?? "seeds") are marked already: "
        + "\(pressing(.compare(.addPane))) to compare them, "
        + "space on one takes its mark away"
      return []
    }
    return []
  }

  /// Handles the mouse: a click selects an image, the wheel moves up and down a row.
  mutating func pointInGallery(_ event: MouseEvent) -> [Effect] {
    switch event.kind {
    case .wheelUp: return pressInGallery(.up) ?? []
    case .wheelDown: return pressInGallery(.down) ?? []
    case .press where event.button == .left:
      let layout = GalleryLayout(self)
      if let index = layout.index(column: event.column, row: event.row) { gallery?.move(to: index) }
    default: break
    }
    return []
  }

  /// Opens the entry under the cursor as the focused run, and advances it to its image. If it already is the focused
  /// run, it is kept.
  private mutating func openRun() -> [Effect] {
    guard let gallery else { return [] }
    let request = gallery.request(of: gallery.entry)
    let effects = hideGallery(isBehind: true)
    guard pane.latestRequest != request else { return effects }
    return effects + start(request, in: focus, goal: isComparing ? placeOfOthers(than: focus) : .last)
  }

  /// Compares the marked entries, in place of the current runs. A single one, marked or under the cursor, is added to
  /// them.
  private mutating func compareMarked() -> [Effect] {
    guard let gallery else { return [] }
    guard gallery.marks.count > 1 else { return compare(gallery.request(of: gallery.marks.first ?? gallery.entry)) }
    var effects = hideGallery(isBehind: true) + halt(Array(panes.indices))
    effects.append(.discard(runs: panes.flatMap(\.runNumbers)))
    panes = gallery.marks.prefix(Self.maximumPanes).map { Pane(gallery.request(of: $0)) }
    focus = 0
    compare.reference = 0
    return effects + panes.indices.flatMap { start(panes[$0].initialRequest, in: $0, goal: .last) }
  }

  private mutating func compare(_ request: RunRequest) -> [Effect] {
    guard panes.count < Self.maximumPanes else {
      notice = "there are \(Self.maximumPanes) runs already: mark two or more to compare them in their place"
      return []
    }
    let effects = hideGallery(isBehind: true)
    let place = placeOfFocus
    panes.append(Pane(request))
    focus = panes.count - 1
    return effects + start(request, in: focus, goal: place)
  }
}
