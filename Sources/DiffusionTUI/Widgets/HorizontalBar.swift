/// A heavy line from left to right, to half a cell; `#` and `.` in ASCII. A line, so that bars in rows one below the other
/// stay apart.
package struct HorizontalBar {
  /// How full it is, 0 to 1.
  package let share: Double
  package let role: ThemeRole

  package init(share: Double, role: ThemeRole = .graph) {
    self.share = share
    self.role = role
  }

  /// Draws it over a part's first row; the rest of the row as a thin line if `track` is set.
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
