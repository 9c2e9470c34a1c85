/// The list of lessons, to choose one from.
package struct LessonList: Sendable, Equatable {
  /// The available lessons.
  package let library: LessonLibrary
  /// The index of the selected lesson.
  package private(set) var selection = 0

  /// Where they were left.
  private let places: LessonPlaces
  /// Whether the chosen lesson begins with its first page, wherever it was left.
  private var beginsAnew = false

  /// Creates a list, at the lesson that was left last.
  package init(_ library: LessonLibrary, places: LessonPlaces = LessonPlaces()) {
    (self.library, self.places) = (library, places)
    selection = library.lessons.firstIndex { $0.name == places.latest } ?? 0
  }

  /// The index of the page that a lesson begins with when it is chosen.
  package func page(of lesson: Lesson) -> Int { beginsAnew ? 0 : places.page(of: lesson) }

  /// Where a lesson was left: `page 4 of 8`, `done`; empty for one that was not begun.
  package func place(of lesson: Lesson) -> String {
    guard places.isUnderWay(lesson) else { return places.isDone(lesson) ? "done" : "" }
    return "page \(places.page(of: lesson) + 1) of \(lesson.steps.count)"
  }

  /// The selected lesson.
  package var chosen: Lesson? {
    library.lessons.indices.contains(selection) ? library.lessons[selection] : nil
  }

  /// Changes the selection, or ignores a key that is not for the list. A digit opens the lesson with that number,
  /// Backspace the selected one at its first page.
  ///
  /// - Returns: The lesson to open, if any.
  package mutating func press(_ key: Key) -> Lesson? {
    let last = max(0, library.lessons.count - 1)
    switch key {
    case .up: selection = max(0, selection - 1)
    case .down, .tab: selection = min(last, selection + 1)
    case .home, .pageUp: selection = 0
    case .end, .pageDown: selection = last
    case .enter, .right: return chosen
    case .backspace:
      beginsAnew = true
      return chosen
    case .character(let digit):
      guard let number = digit.wholeNumberValue, library.lessons.indices.contains(number - 1) else { return nil }
      selection = number - 1
      return chosen
    default: break
    }
    return nil
  }
}
