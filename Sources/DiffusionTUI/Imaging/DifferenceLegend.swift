/// The colours of a difference picture with the numbers that they stand for.
package struct DifferenceLegend {
  /// Where the colours end.
  package let scale: DifferenceScale

  package init(scale: DifferenceScale) { self.scale = scale }

  /// The legend as text, for captions: what the two ends and the middle stand for.
  package func text(tier: ColorTier) -> String {
    tier == .mono
      ? "+1 to +9: tenths of \(scale.label), . below, # beyond, blank 0"
      : "-\(scale.label) blue, 0 white, +\(scale.label) red"
  }

  /// Draws a strip of the colours between its ends, or the text where there are no colours, in the middle of a part's first row;
  /// less where there is less room.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.rows > 0 else { return }
    let tier = look.capabilities.colorTier
    let (low, high) = ("-\(scale.label) ", " +\(scale.label)")
    let strip = min(33, part.columns - low.count - high.count)
    guard tier > .mono, strip >= 3 else {
      let choices = [text(tier: tier), "scale \(scale.label)", scale.label]
      guard let line = choices.first(where: { $0.count <= part.columns }) else { return }
      return frame.writeCentered(line, look[.dim], in: part, row: part.row)
    }
    let width = low.count + strip + high.count
    var column = part.column + (part.columns - width) / 2
    column = frame.write(low, look[.dim], column: column, row: part.row, end: part.endColumn)
    let map = DivergingColorMap(tier: tier)
    // Odd, so that the middle is zero.
    let places = strip.isMultiple(of: 2) ? strip - 1 : strip
    for place in 0..<places {
      let share = places == 1 ? 0 : 2 * Double(place) / Double(places - 1) - 1
      frame[column + place, part.row] = Cell(" ", Style(background: map.color(share)))
    }
    frame.write(high, look[.dim], column: column + places, row: part.row, end: part.endColumn)
  }
}
