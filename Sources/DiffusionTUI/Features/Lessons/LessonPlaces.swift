/// Where lessons were left, so that they can be taken up again, also in a later session.
package struct LessonPlaces: Codable, Sendable, Equatable {
  /// The index of the page of each lesson that was left, by name.
  private var pages: [String: Int] = [:]
  /// The lesson that was left last.
  package private(set) var latest: String?

  package init() {}

  /// Notes the page of a lesson that is left. One that is left on its first page keeps the place it had.
  mutating func note(_ open: OpenLesson) {
    latest = open.lesson.name
    if open.page > 0 || pages[open.lesson.name] == nil { pages[open.lesson.name] = open.page }
  }

  /// The index of the page to take a lesson up at; 0 for one that was not begun or was taken to its end.
  package func page(of lesson: Lesson) -> Int { isDone(lesson) ? 0 : max(0, pages[lesson.name] ?? 0) }

  /// Whether a lesson was begun and not taken to its end.
  package func isUnderWay(_ lesson: Lesson) -> Bool { pages[lesson.name] != nil && !isDone(lesson) }

  /// Whether a lesson was taken to its end.
  package func isDone(_ lesson: Lesson) -> Bool { pages[lesson.name].map { $0 >= lesson.steps.count - 1 } ?? false }
}
