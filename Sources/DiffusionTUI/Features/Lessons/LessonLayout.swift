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

  /// Divides the screen of a state.
  package init(_ state: State) {
    let size = state.size
    let hasEcho = state.display.presenter != nil && size.rows >= Self.leastRowsWithEcho
    let rows = hasEcho ? size.rows - 1 : size.rows
    guard let lesson = state.lesson, state.helpScroll == nil, state.lessonList == nil else {
      (canvas, panel, isBeside) = (Size(columns: size.columns, rows: rows), nil, false)
      return
    }
    isBeside = size.columns >= Self.besideSize.columns && rows >= Self.besideSize.rows
    if isBeside {
      let left = size.columns - Self.besideColumns
      canvas = Size(columns: left, rows: rows)
      panel = Rect(column: left, row: 0, columns: Self.besideColumns, rows: rows)
    } else if size.columns >= Self.belowSize.columns, rows >= Self.belowSize.rows {
      let wanted = 1 + LessonText.mostRows(of: lesson.lesson, columns: size.columns - 2)
      let taken = max(4, min(wanted, rows - Self.explorerRows))
      canvas = Size(columns: size.columns, rows: rows - taken)
      panel = Rect(column: 0, row: rows - taken, columns: size.columns, rows: taken)
    } else {
      canvas = Size(columns: 0, rows: 0)
      panel = Rect(column: 0, row: 0, columns: size.columns, rows: rows)
    }
  }
}
