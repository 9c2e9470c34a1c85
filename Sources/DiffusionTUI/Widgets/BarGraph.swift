/// Columns of eighth blocks, or of `#` in ASCII.
package struct BarGraph {
  /// Heights, in the unit of `peak`.
  package let values: [Double]
  /// The height that fills the graph.
  package let peak: Double
  /// The role of each bar.
  package let role: (Int) -> ThemeRole

  package init(values: [Double], peak: Double, role: @escaping (Int) -> ThemeRole) {
    self.values = values
    self.peak = peak
    self.role = role
  }

  private static let eighths = Array(" \u{2581}\u{2582}\u{2583}\u{2584}\u{2585}\u{2586}\u{2587}\u{2588}")
  private static let ramp = Array(" ._-=+*%#")

  /// Draws the bars side by side, each `barColumns` wide, from the bottom of a part up. A bar that is not zero shows.
  package func draw(into frame: inout Frame, in part: Rect, barColumns: Int = 1, look: Look) {
    for (index, value) in values.enumerated() where part.columns >= (index + 1) * barColumns {
      let share = peak > 0 && value.isFinite ? min(1, max(0, value / peak)) : 0
      var eighths = Int((share * Double(8 * part.rows)).rounded())
      if value > 0 { eighths = max(1, eighths) }
      for row in 0..<part.rows {
        let filled = min(8, max(0, eighths - 8 * (part.rows - 1 - row)))
        guard filled > 0 else { continue }
        let character = look.capabilities.unicode ? Self.eighths[filled] : Self.ramp[filled]
        let cell = Cell(character, look[role(index)])
        let column = part.column + index * barColumns
        frame.fill(Rect(column: column, row: part.row + row, columns: barColumns, rows: 1), cell)
      }
    }
  }
}
