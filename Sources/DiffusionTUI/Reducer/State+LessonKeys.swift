/// The learner's keys. Each does what it always does; the lesson looks on.
extension State {
  /// What a lesson does with a key before the explorer: it is left, its text scrolls, or the next lesson begins. Nil
  /// for any other key.
  mutating func pressLesson(_ key: Key) -> [Effect]? {
    guard let lesson, !isTyping, helpScroll == nil else { return nil }
    if keyMap.action(for: key) == .dismiss { return leaveLesson() }
    if key == .enter, lesson.isLast, let next = lesson.next { return begin(next) }
    return scrollLesson(key) ? [] : nil
  }

  /// Scrolls a text that does not fit; false where it does, or for another key.
  private mutating func scrollLesson(_ key: Key) -> Bool {
    let most = LessonPanel.maximumScroll(self)
    guard let scroll = lesson?.scroll, most > 0 else { return false }
    let page = max(1, LessonPanel.visibleRows(self) - 1)
    switch key {
    case .up: lesson?.scroll = max(0, min(scroll, most) - 1)
    case .down: lesson?.scroll = min(most, scroll + 1)
    case .pageUp: lesson?.scroll = max(0, min(scroll, most) - page)
    case .pageDown: lesson?.scroll = min(most, scroll + page)
    default: return false
    }
    return true
  }

  /// Whether a key is what the lesson awaits: the same key where it is typed, else one of the same action, so that
  /// other keys for an action and rebound ones are as good.
  package func isAwaited(_ key: Key) -> Bool {
    guard let awaited = lesson?.nextKey else { return false }
    if isTyping { return key == awaited }
    guard let action = KeyMap.standard.action(for: awaited) else { return key == awaited }
    return keyMap.action(for: key) == action
  }

  /// Takes note of a key that was pressed.
  ///
  /// - Parameter wasAwaited: Whether it was the awaited one when it was pressed.
  mutating func followLesson(wasAwaited: Bool) {
    guard let lesson, !lesson.isWaiting, lesson.nextKey != nil else { return }
    if wasAwaited {
      self.lesson?.advanceKey()
    } else if !isTyping {
      self.lesson?.restartKeys()
    }
  }

  /// Goes on to the next step when the last key's work is done.
  mutating func advanceLesson() {
    if let lesson, lesson.isWaiting, !isBusy { self.lesson?.advanceStep() }
  }
}
