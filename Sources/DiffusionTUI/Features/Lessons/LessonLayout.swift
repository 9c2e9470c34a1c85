/// The division of the screen among the explorer, in its upper left corner, a lesson's text, and the presenter's keys.
package struct LessonLayout: Sendable, Equatable {
  /// The size of the explorer; empty if the text fills the screen.
  package let canvas: Size
  /// The area of the lesson's text; nil without one, and while help or a list covers the screen.
  package let panel: Rect?
  /// Whether the text is beside the explorer, on a wide screen, rather than below it.
  package let isBeside: Bool

  /// The minimum screen to show the text beside the explorer, and the columns that the text gets there.
  private static let besideSize = Size(columns: 112, rows: 24)
  private static let besideColumns = 40
  /// The minimum screen to show the text below the explorer, and the rows that the explorer keeps.
  private static let belowSize = Size(columns: 32, rows: 19)
  private static let explorerRows = 14

  /// The minimum rows of the screen for a separate row for the presenter's keys.
  package static let leastRowsWithEcho = 12

  /// Divides the screen of a state: the text stands beside the explorer on a wide screen, and below it where that makes
  /// the pictures larger, so that a larger screen never has smaller ones.
  package init(_ state: State) {
    let size = state.size
    let hasEcho = state.display.presenter != nil && size.rows >= Self.leastRowsWithEcho
    let space = Size(columns: size.columns, rows: hasEcho ? size.rows - 1 : size.rows)
    guard let lesson = state.lesson, state.helpScroll == nil, state.lessonList == nil else {
      self.init(canvas: space, panel: nil, isBeside: false)
      return
    }
    switch (Self.beside(space), Self.below(space, lesson: lesson.lesson)) {
    case (let beside?, let below?):
      let isSmaller = Self.worth(beside, state).lexicographicallyPrecedes(Self.worth(below, state))
      self = isSmaller ? below : beside
    case (let only?, nil), (nil, let only?): self = only
    case (nil, nil):
      let panel = Rect(column: 0, row: 0, columns: space.columns, rows: space.rows)
      self.init(canvas: Size(columns: 0, rows: 0), panel: panel, isBeside: false)
    }
  }

  private init(canvas: Size, panel: Rect?, isBeside: Bool) {
    (self.canvas, self.panel, self.isBeside) = (canvas, panel, isBeside)
  }

  /// The text beside the explorer; nil on a screen that is too small.
  private static func beside(_ space: Size) -> LessonLayout? {
    guard space.columns >= besideSize.columns, space.rows >= besideSize.rows else { return nil }
    let left = space.columns - besideColumns
    return LessonLayout(
      canvas: Size(columns: left, rows: space.rows),
      panel: Rect(column: left, row: 0, columns: besideColumns, rows: space.rows), isBeside: true)
  }

  /// The text below the explorer; nil on a screen that is too small.
  private static func below(_ space: Size, lesson: Lesson) -> LessonLayout? {
    guard space.columns >= belowSize.columns, space.rows >= belowSize.rows else { return nil }
    let wanted = 1 + LessonText.mostRows(of: lesson, columns: space.columns - 2)
    let taken = max(4, min(wanted, space.rows - explorerRows))
    return LessonLayout(
      canvas: Size(columns: space.columns, rows: space.rows - taken),
      panel: Rect(column: 0, row: space.rows - taken, columns: space.columns, rows: taken), isBeside: false)
  }

  /// What the explorer shows of the pictures there: of how many runs, and how large. All alike where it shows none.
  private static func worth(_ layout: LessonLayout, _ state: State) -> [Double] {
    guard !state.isInGallery, !state.isInSweep else { return [] }
    // The same screen without the lesson, which leaves the explorer so much room.
    var alone = state
    alone.layers.removeAll { $0.kind == .lesson }
    alone.size = layout.canvas
    if state.display.presenter != nil { alone.size.rows += 1 }
    let shown = Layout(alone)
    return [Double(shown.grid?.plan.pageSize ?? 1), (shown.scale ?? shown.grid?.plan.scale)?.ratio ?? 0]
  }
}
