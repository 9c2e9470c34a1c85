/// The places where a frame differs from the one before it.
package struct FrameDiff: Sendable, Equatable {
  /// A position on the screen.
  package struct Place: Sendable, Hashable {
    /// The column, from 0.
    package var column: Int
    /// The row, from 0.
    package var row: Int

    package init(column: Int, row: Int) {
      self.column = column
      self.row = row
    }
  }

  /// The positions, row by row, within the screen.
  package let places: [Place]

  /// Compares two frames. Every position differs if there is no previous frame, or if its size was different.
  ///
  /// - Parameter screen: The screen's size: a frame may be larger than a screen that has just shrunk.
  package init(from previous: Frame?, to next: Frame, within screen: Size) {
    let columns = min(next.size.columns, screen.columns)
    let rows = min(next.size.rows, screen.rows)
    let before = previous?.size == next.size ? previous : nil
    guard before != next else {
      places = []
      return
    }
    var found: [Place] = []
    for row in 0..<rows {
      for column in 0..<columns {
        let index = row * next.size.columns + column
        if before?.cells[index] != next.cells[index] { found.append(Place(column: column, row: row)) }
      }
    }
    places = found
  }
}
