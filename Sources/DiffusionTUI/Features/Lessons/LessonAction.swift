/// The actions on the pages of a lesson.
public enum LessonAction: FeatureAction {
  /// Go back to the page before, with everything as that page expects it.
  case previousPage
  /// Begin the page again, with everything as it expects it.
  case repeatPage

  package static let chapter = KeyBinding.Chapter.program
  package var action: Action { .lesson(self) }

  package var row: KeyRow {
    switch self {
    case .previousPage:
      KeyRow(
        .backspace, name: "lesson-page-back", label: "page back",
        help: "in a lesson: back to the page before; else a step back",
        yields: true)
    case .repeatPage:
      KeyRow(
        .character("a"), name: "lesson-again", label: "again",
        help: "in a lesson: the page again, with all put as it expects", yields: true)
    }
  }
}

extension State {
  /// Performs an action on the pages of the open lesson.
  mutating func act(_ action: LessonAction) -> [Effect] {
    guard let lesson else {
      // As in other programs, where it is not needed for pages.
      if action == .previousPage { return act(Action.playback(.stepBack)) }
      notice = "no lesson is open: \(pressing(.program(.toggleLessons))) to choose one"
      return []
    }
    switch action {
    case .repeatPage: return begin(lesson.lesson, page: lesson.page)
    case .previousPage where lesson.page == 0:
      notice = "this is the first page"
      return []
    case .previousPage: return begin(lesson.lesson, page: lesson.page - 1)
    }
  }
}

/// Keys that come before their turn.
extension State {
  /// Keeps a key that came early, or while a page is being prepared. Returns whether it was kept.
  mutating func hold(_ key: Key) -> Bool {
    guard var lesson else { return false }
    let waits = lesson.isPreparing && lesson.early.isEmpty ? !isForProgram(key) : isEarly(key, in: lesson)
    guard waits else { return false }
    lesson.hold(key)
    update(.lesson(lesson))
    return true
  }

  /// The next key that was kept, if the engine is done with those before it.
  mutating func takeHeldKey() -> Key? {
    guard var lesson, !isBusy else { return nil }
    if lesson.isWaiting { lesson.advanceStep() }
    let held = lesson.takeHeldKey()
    update(.lesson(lesson))
    return held.map { $0.isDefault && !isModal ? boundKey($0.key) : $0.key }
  }

  /// Whether a key is what a following page waits for, while the engine works on the current one, or comes behind keys
  /// that were kept.
  private func isEarly(_ key: Key, in lesson: OpenLesson) -> Bool {
    // Any key may be text for what one of the kept keys opens. Only the key that ends the wait is not.
    guard lesson.early.isEmpty else { return !endsWait(key) }
    guard lesson.isWaiting, isBusy, !isModal, !isOpen(.help), !isForProgram(key) else { return false }
    return lesson.upcomingKey.map { does(key, what: $0) } ?? false
  }

  /// Whether a key ends the wait of the keys that were kept: Esc, or what is bound in its place but is no text.
  private func endsWait(_ key: Key) -> Bool {
    if case .character = key { return false }
    return isClosing(key)
  }

  /// Whether a key is for the program or for the pages, which are obeyed at once. One that opens help or the palette is
  /// not: the keys before it would be typed there.
  private func isForProgram(_ key: Key) -> Bool {
    switch keyMap.action(for: key) {
    case .program(.toggleHelp), .program(.searchHelp), .program(.openPalette): false
    case .program, .lesson: true
    default: false
    }
  }
}
