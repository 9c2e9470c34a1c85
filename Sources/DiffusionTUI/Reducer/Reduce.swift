import DiffusionCore

/// What an action makes of the state, and what it asks of the world. Pure: no clock, no terminal, no model.
public func reduce(_ state: inout State, _ action: Action) -> [Effect] {
  let effects = state.act(action) + state.followSettings() + state.followReceipt()
  state.refreshComparisons()
  state.advanceLesson()
  return effects
}

extension State {
  fileprivate mutating func act(_ action: Action) -> [Effect] {
    if let effects = actInGallery(action) { return effects }
    switch action {
    case .key(let key): return press(key)
    case .mouse(let event): return point(event)
    case .paste(let text): return paste(text)
    case .resize(let size): self.size = size
    case .togglePlay: return togglePlay()
    case .stepForward: return stepForward()
    case .stepBack: return stepBack()
    case .first: return goToFirst()
    case .last: return goToLast()
    case .scrub(let count): return scrub(to: count)
    case .dismiss: return dismiss()
    case .restart: return restart(pane.latestRequest)
    case .randomSeed: return [.drawSeed]
    case .edit(let setting): open(setting)
    case .cycleView, .cycleRenderer, .cycleTheme, .slower, .faster, .toggleHelp: adjustDisplay(action)
    case .inspect(let what): inspect(what)
    case .addPane, .closePane, .focusNext, .focusPrevious, .focusPane, .setReference, .cycleLink, .cyclePaneView:
      return arrange(action)
    case .gallery: return openGallery()
    case .galleryAdvanced(let advance): return galleryAdvanced(advance)
    case .noisePreviewed(let description): variationEditor?.show(description)
    case .openPalette: palette = CommandPalette()
    case .toggleLessons: return toggleLessons()
    case .openExports: exportMenu = ExportMenu()
    case .copyCommandLine: return [.copyCommandLine(pane.latestRequest)]
    case .toggleMouse: return toggleMouse()
    case .suspend: return [.suspend]
    case .quit: return quit()
    case .hangUp: return [.quit]
    case .tick: return tick()
    case .runStarted, .progress, .stepCompleted, .runFailed, .seedDrawn, .exportEnded, .commandLine:
      return receive(action)
    }
    return []
  }

  /// What an effect brought.
  private mutating func receive(_ result: Action) -> [Effect] {
    switch result {
    case .runStarted(let run, let description): return runStarted(run, description)
    case .progress(let runs, let progress): note(progress, of: runs)
    case .stepCompleted(let run, let step): return stepCompleted(run, step)
    case .runFailed(let run, let message): return runFailed(run, message)
    case .seedDrawn(let seed): return seedDrawn(seed)
    case .exportEnded(let number, let result): exportEnded(number, result)
    case .commandLine(let text, let isCopied): show(commandLine: text, isCopied: isCopied)
    default: break
    }
    return []
  }

  /// A key press: first what is always meant, then what is open, then the table.
  mutating func press(_ key: Key) -> [Effect] {
    (notice, news) = (nil, nil)
    presenter?.note(key)
    if key == .control("c") { return [.quit] }
    if key == .control("z") { return [.suspend] }
    if lessonList != nil { return pressLessonList(key) }
    if let effects = pressLesson(key) { return effects }
    let wasAwaited = isAwaited(key)
    let effects = pressExplorer(key)
    followLesson(wasAwaited: wasAwaited)
    return effects
  }

  private mutating func pressExplorer(_ key: Key) -> [Effect] {
    if palette != nil { return pressPalette(key) }
    if exportMenu != nil { return pressExports(key) }
    if editor != nil { return edit(key) }
    if variationEditor != nil { return editVariation(key) }
    if helpScroll != nil, scrollHelp(key) { return [] }
    if let effects = pressInGallery(key) { return effects }
    guard let action = pixelAction(for: key) ?? keyMap.action(for: key) else { return [] }
    return act(action)
  }

  /// Esc: closes what is open, or stops what runs.
  mutating func dismiss() -> [Effect] {
    if helpScroll != nil {
      helpScroll = nil
      return []
    }
    if exportTask != nil { return cancelExport() }
    if closeInspection() { return [] }
    if returnsToGallery { return openGallery() }
    isPlaying = false
    return stop(Array(panes.indices))
  }

  /// What changes the picture and not the run.
  mutating func adjustDisplay(_ action: Action) {
    switch action {
    case .cycleView: view = view.next
    case .cycleTheme: themeIndex = (themeIndex + 1) % max(1, themes.count)
    case .slower: speed = speed.slower
    case .faster: speed = speed.faster
    case .toggleHelp: helpScroll = helpScroll == nil ? 0 : nil
    case .cycleRenderer: cycleRenderer()
    default: break
    }
  }

  /// Scrolls help; false for a key that means what it always does.
  mutating func scrollHelp(_ key: Key) -> Bool {
    guard let scroll = helpScroll else { return false }
    let page = max(1, HelpScreen.visibleRows(self))
    var distance = 0
    switch key {
    case .up: distance = -1
    case .down: distance = 1
    case .pageUp: distance = -page
    case .pageDown, .character(" "): distance = page
    case .home: distance = -scroll
    case .end: distance = 10_000
    default: return false
    }
    helpScroll = min(max(0, scroll + distance), HelpScreen.maximumScroll(self))
    return true
  }
}
