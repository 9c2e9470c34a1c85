/// The learner's keys. Each does what it always does; the lesson looks on.
extension State {
  /// What a lesson does with a key before the runs: its text scrolls, or the next lesson begins. Nil for any other key.
  mutating func press(_ key: Key, in open: OpenLesson) -> [Effect]? {
    if key == .enter, open.isLast, let next = open.next { return begin(next) }
    let most = LessonPanel.maximumScroll(self)
    guard most > 0 else { return nil }
    let page = max(1, LessonPanel.visibleRows(self) - 1)
    var lesson = open
    switch key {
    case .up: lesson.scroll = max(0, min(open.scroll, most) - 1)
    case .down: lesson.scroll = min(most, open.scroll + 1)
    case .pageUp: lesson.scroll = max(0, min(open.scroll, most) - page)
    case .pageDown: lesson.scroll = min(most, open.scroll + page)
    default: return nil
    }
    update(.lesson(lesson))
    return []
  }

  /// Whether a key is what the lesson awaits: the same key where it is typed, else one of the same action, so that
  /// other keys for an action and rebound ones are as good.
  package func isAwaited(_ key: Key) -> Bool {
    guard let awaited = lesson?.nextKey else { return false }
    if isModal { return isTypingForLesson && key == awaited }
    guard let action = KeyMap.standard.action(for: awaited) else { return key == awaited }
    return keyMap.action(for: key) == action
  }

  /// Takes note of a key that was pressed.
  ///
  /// - Parameters:
  ///   - wasAwaited: Whether it was the awaited one when it was pressed.
  ///   - wasModal: Whether it was typed into something.
  mutating func followLesson(wasAwaited: Bool, wasModal: Bool) {
    guard var lesson else { return }
    lesson.isAside = isModal && (wasModal ? lesson.isAside : !wasAwaited)
    if !lesson.isWaiting, lesson.nextKey != nil {
      if wasAwaited { lesson.advanceKey() } else if !isModal || lesson.isAside { lesson.restartKeys() }
    }
    update(.lesson(lesson))
  }

  /// Goes on to the next step when the last key's work is done.
  mutating func advanceLesson() {
    guard var lesson, lesson.isWaiting, !isBusy else { return }
    lesson.advanceStep()
    update(.lesson(lesson))
  }
}
