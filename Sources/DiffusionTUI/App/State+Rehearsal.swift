/// The rehearsal of a lesson, which takes its keys as the explorer does.
extension State {
  /// Rehearses the open lesson once its runs have started.
  mutating func rehearseLesson() {
    guard var lesson, lesson.rehearsal == nil, !isBusy else { return }
    lesson.rehearsal = LessonRehearsal(of: lesson.lesson, on: self)
    update(.lesson(lesson))
  }

  fileprivate mutating func rehearse(_ key: Key) -> LessonRehearsal.Press {
    let before = LessonDisplay(self), layers = Set(layers.map(\.kind))
    _ = reduce(&self, .key(key))
    return LessonRehearsal.Press(before: before, after: LessonDisplay(self), layers: layers)
  }
}

extension LessonRehearsal {
  /// Takes a lesson's keys on a copy of the explorer, whose engine does not answer.
  ///
  /// - Parameter state: The explorer with the lesson's runs.
  fileprivate init(of lesson: Lesson, on state: State) {
    var stage = state
    stage.keyMap = .standard
    stage.layers = []
    // What the learner added before the runs had started.
    stage.panes.removeLast(max(0, stage.panes.count - lesson.runs.count))
    stage.resetDisplay(for: lesson)
    var pages: [[Press]] = [], starts: [LessonDisplay] = []
    for step in lesson.steps {
      starts.append(LessonDisplay(stage))
      pages.append(step.keys.map { stage.rehearse($0) })
    }
    self.init(pages: pages, starts: starts)
  }
}
