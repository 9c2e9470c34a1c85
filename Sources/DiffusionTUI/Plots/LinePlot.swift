/// A curve of a plot.
package struct PlotSeries: Sendable, Equatable {
  /// The name in the legend.
  package let name: String
  /// The values by step, from the first one on; fewer than the width of the plot where steps are still to come. NaN and
  /// infinity leave a gap and an alarm.
  package let values: [Double]
  /// The colour role.
  package let role: ThemeRole
  /// The steps of which the legend says that the compared values are equal, since no number of the curve does.
  package var equalSteps: Set<Int> = []

  package init(_ name: String, _ values: [Double], role: ThemeRole) {
    self.name = name
    self.values = values
    self.role = role
  }

  /// The marks of curves that are drawn without dots, in order.
  private static let marks: [Character] = ["*", "+", "o", "x", "#", "%", "&", "="]

  /// The mark of a curve.
  package static func mark(_ index: Int) -> Character { marks[((index % marks.count) + marks.count) % marks.count] }
}

/// Curves over the steps of a run, such as the standard deviation, the mean and the mean of |x|: a legend with the
/// values at the cursor, the curves, and the numbers at the ends of the axes; each if there is room for it.
package struct LinePlot: Sendable {
  /// The curves; later ones are on top.
  package let series: [PlotSeries]
  /// The width of the plot in steps; at least the length of the longest curve.
  package let places: Int
  /// The marked step; nil for none.
  package let cursor: Int?
  /// The vertical range; nil for that of the finite values.
  package let range: ClosedRange<Double>?
  /// The labels at the ends of the horizontal axis.
  package let ends: (left: String, right: String)
  /// Whether the legend has the values at the cursor.
  package var hasValues = true

  package init(
    series: [PlotSeries], places: Int = 0, cursor: Int? = nil, range: ClosedRange<Double>? = nil,
    ends: (left: String, right: String) = ("noise", "image")
  ) {
    self.series = series
    self.places = max(1, places, series.map(\.values.count).max() ?? 0)
    self.cursor = cursor
    self.range = range
    self.ends = ends
  }

  /// The vertical range. A single value is in the middle.
  package var shownRange: ClosedRange<Double> {
    if let range, range.lowerBound.isFinite, range.upperBound.isFinite, range.lowerBound < range.upperBound {
      return range
    }
    let finite = series.flatMap(\.values).filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return 0...1 }
    guard low < high else { return low - max(0.5, low.magnitude / 2)...high + max(0.5, high.magnitude / 2) }
    return low...high
  }

  /// Draws the plot.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let hasLegend = part.rows >= 4 && drawLegend(into: &frame, in: part, look)
    let body = part.inset(top: hasLegend ? 1 : 0)
    let range = shownRange
    let axes = PlotAxes(
      .init(
        top: PlotAxes.text(range.upperBound), bottom: PlotAxes.text(range.lowerBound), left: ends.left,
        right: ends.right),
      in: body)
    axes.draw(into: &frame, look: look)
    drawCursor(into: &frame, in: axes.inner, look)
    drawCurves(into: &frame, in: axes.inner, range, look)
  }

  private func usesBraille(_ look: Look) -> Bool {
    look.capabilities.unicode && (look.capabilities.colorTier > .mono || series.count < 2)
  }

  private func drawCurves(into frame: inout Frame, in part: Rect, _ range: ClosedRange<Double>, _ look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    var canvas = DotCanvas(part: part, usesBraille: usesBraille(look))
    var gaps: Set<Int> = []
    for (curve, series) in series.enumerated() {
      var last: PixelPlace?
      for (step, value) in series.values.enumerated() {
        guard value.isFinite else {
          gaps.insert(column(step, part.columns))
          last = nil
          continue
        }
        let place = PixelPlace(column: column(step, canvas.size.columns), row: Self.row(value, range, canvas.size.rows))
        canvas.line(from: last ?? place, to: place, curve: curve)
        last = place
      }
    }
    canvas.draw(into: &frame, mark: PlotSeries.mark) { look[series[$0].role] }
    for gap in gaps { frame[part.column + gap, part.endRow - 1] = Cell("!", look[.alarm]) }
  }

  private func drawCursor(into frame: inout Frame, in part: Rect, _ look: Look) {
    guard let cursor, (0..<places).contains(cursor), part.columns > 0 else { return }
    let column = part.column + column(cursor, part.columns)
    for row in part.row..<part.endRow { frame[column, row] = Cell(look.glyph("\u{2502}", "|"), look[.rule]) }
  }

  /// Draws the names with the values at the cursor, or the names alone; returns false where neither fits.
  private func drawLegend(into frame: inout Frame, in part: Rect, _ look: Look) -> Bool {
    let names = series.enumerated().map { index, series in
      usesBraille(look) ? series.name : "\(PlotSeries.mark(index)) \(series.name)"
    }
    let values = series.map { series in
      cursor.flatMap { series.values.indices.contains($0) ? " " + Self.text(series, at: $0) : nil } ?? ""
    }
    let full = zip(names, values).map { $0 + $1 }
    guard
      let texts = (hasValues ? [full, names] : [names]).first(where: {
        $0.joined(separator: "  ").columns <= part.columns
      }), !texts.isEmpty
    else { return false }
    var column = part.column
    for (series, text) in zip(series, texts) {
      column = 2 + frame.write(text, look[series.role], column: column, row: part.row, end: part.endColumn)
    }
    return true
  }

  private static func text(_ series: PlotSeries, at step: Int) -> String {
    let value = series.values[step]
    return series.equalSteps.contains(step)
      ? "equal" : Int(exactly: value).map(String.init) ?? NumberText.small(value, 4)
  }

  private func column(_ step: Int, _ columns: Int) -> Int {
    places > 1 ? (2 * step * (columns - 1) + places - 1) / (2 * (places - 1)) : (columns - 1) / 2
  }

  private static func row(_ value: Double, _ range: ClosedRange<Double>, _ rows: Int) -> Int {
    // Halved, since a range of more than the largest number would be infinite.
    let height = range.upperBound / 2 - range.lowerBound / 2
    let share = height > 0 ? (value / 2 - range.lowerBound / 2) / height : 0.5
    return rows - 1 - Int((min(1, max(0, share)) * Double(rows - 1)).rounded())
  }
}
