/// A graph of vertical bars in eighth blocks, or in `#` in ASCII.
package struct BarGraph {
  /// The heights, in the unit of `peak`.
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

  /// Draws the bars side by side, each `barColumns` wide, from the bottom of a rectangle up. A nonzero bar is always
  /// visible.
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

/// A heavy horizontal line, accurate to half a cell; `#` and `.` in ASCII. It is a line so that bars in adjacent rows
/// stay apart.
package struct HorizontalBar {
  /// The filled fraction, 0 to 1.
  package let share: Double
  package let role: ThemeRole

  package init(share: Double, role: ThemeRole = .graph) {
    self.share = share
    self.role = role
  }

  /// Draws the bar in the first row of a rectangle; the rest of the row is a thin line if `track` is set.
  package func draw(into frame: inout Frame, in part: Rect, look: Look, track: Bool = false) {
    guard part.rows > 0 else { return }
    let filled = share.isFinite ? Int((min(1, max(0, share)) * Double(2 * part.columns)).rounded()) : 0
    for column in 0..<part.columns {
      let own = min(2, filled - 2 * column)
      let place = part.column + column
      if own > 0 {
        let glyph = own == 2 ? look.glyph("\u{2501}", "#") : look.glyph("\u{2578}", "#")
        frame[place, part.row] = Cell(glyph, look[role])
      } else if track {
        frame[place, part.row] = Cell(look.glyph("\u{2500}", "."), look[.rule])
      }
    }
  }
}
