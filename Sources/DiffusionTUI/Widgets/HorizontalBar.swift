/// A bar from left to right, to an eighth of a cell; `#` and `.` in ASCII.
package struct HorizontalBar {
  /// How full it is, 0 to 1.
  package let share: Double
  package let role: ThemeRole

  package init(share: Double, role: ThemeRole = .graph) {
    self.share = share
    self.role = role
  }

  private static let eighths = Array("\u{258F}\u{258E}\u{258D}\u{258C}\u{258B}\u{258A}\u{2589}\u{2588}")

  /// Draws it over a part's first row; the rest of the row as a thin line if `track` is set.
  package func draw(into frame: inout Frame, in part: Rect, look: Look, track: Bool = false) {
    guard part.rows > 0 else { return }
    let isUnicode = look.capabilities.unicode
    let whole = 8 * part.columns
    let filled = share.isFinite ? Int((min(1, max(0, share)) * Double(whole)).rounded()) : 0
    for column in 0..<part.columns {
      let own = min(8, filled - 8 * column)
      let place = part.column + column
      if own > 0, isUnicode || own >= 4 {
        frame[place, part.row] = Cell(isUnicode ? Self.eighths[own - 1] : "#", look[role])
      } else if track {
        frame[place, part.row] = Cell(look.glyph("\u{2500}", "."), look[.rule])
      }
    }
  }
}
