/// Esc in a lesson. It throws no work away unasked: it stops playback, or says what the next one does.
extension State {
  /// Whether leaving the lesson would throw something away: steps that were taken, or are being taken, and keys that
  /// wait.
  var lessonHasSteps: Bool {
    guard let lesson else { return false }
    return lesson.page > 0 || lesson.pressed > 0 || lesson.isPreparing || !lesson.early.isEmpty || isComputing
      || panes.contains { $0.completedSteps > 0 }
  }

  /// Handles Esc where nothing is open over the lesson. The page that is being prepared may play, which is not stopped:
  /// the keys after it would find the runs elsewhere.
  ///
  /// - Parameter hasSteps: Whether leaving would throw something away.
  mutating func dismissLesson(hasSteps: Bool) -> [Effect] {
    guard var lesson else { return [] }
    if playback.isPlaying, !lesson.isPreparing { return togglePlay() }
    guard hasSteps, !lesson.isLeavingAsked else { return leaveLesson() }
    lesson.isLeavingAsked = true
    update(.lesson(lesson))
    let key = keyMap.keyLabel(of: .program(.dismiss)) ?? Key.escape.label
    notice = "\(key) again leaves the lesson; then \(pressing(.program(.toggleLessons))) to take it up again"
    return []
  }

  /// Drops the keys that came early: whoever presses Esc no longer wants them.
  mutating func dropEarlyKeys() {
    guard var lesson, !lesson.early.isEmpty else { return }
    lesson.dropEarlyKeys()
    update(.lesson(lesson))
  }

  /// Forgets that Esc was pressed, after any other key.
  mutating func forgetLeaving() {
    guard var lesson, lesson.isLeavingAsked else { return }
    lesson.isLeavingAsked = false
    update(.lesson(lesson))
  }
}
