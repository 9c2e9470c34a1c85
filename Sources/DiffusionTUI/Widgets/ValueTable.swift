/// A table of labels and values: labels on the left, values right-aligned.
package struct ValueTable {
  /// A label, its value, and the style of the value.
  package struct Entry {
    package let label, value: String
    package let role: ThemeRole
    /// Whether the value loses its end where space is tight, as a hash may.
    package let isCut: Bool

    package init(_ label: String, _ value: String, _ role: ThemeRole = .text, isCut: Bool = false) {
      self.label = label
      self.value = value
      self.role = role
      self.isCut = isCut
    }
  }

  /// The rows, with one or two entries each.
  package let rows: [[Entry]]

  package init(_ rows: [[Entry]]) { self.rows = rows }

  /// The maximum width of one of two columns; any wider, and labels and values drift apart.
  private static let widest = 24

  /// Draws the table; what does not fit is cut.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    let isDouble = rows.contains { $0.count > 1 }
    let gap = part.columns > 44 ? 4 : 2
    let width = isDouble ? min(Self.widest, (part.columns - gap) / 2) : min(Self.widest, part.columns)
    for (index, entries) in rows.enumerated() where index < part.rows {
      var column = part.column
      for entry in entries {
        draw(entry, into: &frame, Rect(column: column, row: part.row + index, columns: width, rows: 1), look)
        column += width + gap
      }
    }
  }

  private func draw(_ entry: Entry, into frame: inout Frame, _ part: Rect, _ look: Look) {
    let labelEnd = frame.write(entry.label, look[.dim], column: part.column, row: part.row, end: part.endColumn)
    let value = entry.isCut ? entry.value.prefix(columns: max(0, part.endColumn - labelEnd - 1)) : entry.value
    frame.write(
      value, look[entry.role], endingAt: part.endColumn, row: part.row, start: min(labelEnd + 1, part.endColumn))
  }
}
