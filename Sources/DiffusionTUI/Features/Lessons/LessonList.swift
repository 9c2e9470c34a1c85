/// The list of lessons, to choose one from.
package struct LessonList: Sendable, Equatable {
  /// The available lessons.
  package let library: LessonLibrary
  /// The index of the selected lesson.
  package private(set) var selection = 0

  package init(_ library: LessonLibrary) { self.library = library }

  /// The selected lesson.
  package var chosen: Lesson? {
    library.lessons.indices.contains(selection) ? library.lessons[selection] : nil
  }

  /// Changes the selection, or ignores a key that is not for the list. A digit opens the lesson with that number.
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
    case .character(let digit):
      guard let number = digit.wholeNumberValue, library.lessons.indices.contains(number - 1) else { return nil }
      selection = number - 1
      return chosen
    default: break
    }
    return nil
  }
}
