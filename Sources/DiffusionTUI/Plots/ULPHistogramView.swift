/// The number of pairs of elements whose distance, in representable numbers, falls into a range.
package struct ULPHistogramBin: Sendable, Equatable {
  /// The distance: `0`, `1`, `2-3`, `4-7` ...
  package let label: String
  /// The number of elements.
  package let count: Int

  package init(_ label: String, _ count: Int) {
    self.label = label
    self.count = count
  }
}

extension ULPHistogramBin {
  /// Bins of a comparison, merged to fit a number of rows: equal bits alone, then powers of two. Empty bins at the end
  /// are left out.
  ///
  /// - Parameters:
  ///   - counts: The number of pairs at distance 0, at 1, at 2 to 3, at 4 to 7 and so on.
  ///   - rows: The maximum number of bins, at least two.
  package static func list(_ counts: [Int], rows: Int) -> [ULPHistogramBin] {
    guard let equal = counts.first else { return [] }
    let last = counts.lastIndex { $0 > 0 } ?? 0
    guard last > 0 else { return [ULPHistogramBin("0", equal)] }
    let first = counts.indices.dropFirst().first { counts[$0] > 0 } ?? 1
    let width = max(1, (last - first + max(1, rows - 1)) / max(1, rows - 1))
    return [ULPHistogramBin("0", equal)]
      + stride(from: first, through: last, by: width).map { lower in
        let upper = min(last, lower + width - 1)
        return ULPHistogramBin(label(from: lower, to: upper), counts[lower...upper].reduce(0, +))
      }
  }

  /// The distances of a range of bins: bin k holds 2^(k-1) to 2^k - 1.
  private static func label(from lower: Int, to upper: Int) -> String {
    if upper <= 9 {
      let (least, most) = (1 << (lower - 1), 1 << upper - 1)
      return least == most ? "\(least)" : "\(least)-\(most)"
    }
    return "2^\(lower - 1)-2^\(upper)"
  }
}

/// The distances between two tensors, in units in the last place: a row for each bin with its fraction and a bar;
/// anything above zero is visible. Rows that do not fit are added to the last one.
package struct ULPHistogramView: Sendable {
  /// The bins, from equal bits to the largest distance.
  package let bins: [ULPHistogramBin]

  package init(bins: [ULPHistogramBin]) { self.bins = bins }

  /// Draws the histogram.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let shown = shown(rows: part.rows)
    let total = bins.reduce(0.0) { $0 + Double(max(0, $1.count)) }
    let labels = shown.map(\.label.columns).max() ?? 0
    let counts = shown.map { "\($0.count)".count }.max() ?? 0
    // Label, count, percentage and bar; fewer of them where there is less room.
    let hasShare = part.columns >= labels + counts + 9 + 8
    let hasCount = part.columns >= labels + counts + 2
    for (index, bin) in shown.enumerated() {
      let row = part.row + index
      let share = total > 0 ? Double(max(0, bin.count)) / total : 0
      var column = part.column + labels + 1
      frame.write(
        bin.label, look[.dim], endingAt: min(part.endColumn, column - 1), row: row, start: part.column)
      if hasCount {
        frame.write("\(bin.count)", look[.text], endingAt: column + counts, row: row, start: column)
        column += counts + 1
      }
      if hasShare {
        frame.write(Self.percent(share), look[.dim], endingAt: column + 7, row: row, start: column)
        column += 8
      }
      guard column < part.endColumn else { continue }
      let bar = Rect(column: column, row: row, columns: part.endColumn - column, rows: 1)
      let least = bin.count > 0 ? 0.5 / Double(bar.columns) : 0
      HorizontalBar(share: max(share, least), role: index == 0 ? .good : .graph).draw(into: &frame, in: bar, look: look)
    }
  }

  private func shown(rows: Int) -> [ULPHistogramBin] {
    guard bins.count > rows else { return bins }
    let rest = bins.dropFirst(rows - 1).reduce(0) { $0 &+ $1.count }
    return Array(bins.prefix(rows - 1)) + [ULPHistogramBin("more", rest)]
  }

  /// A percentage with two digits; never 100 % unless it is all, nor 0 % unless it is nothing.
  private static func percent(_ share: Double) -> String {
    if share > 0, share < 0.0001 { return "<0.01%" }
    if share < 1, share > 0.9999 { return ">99.99%" }
    return NumberText.fixed(100 * share, 2) + "%"
  }
}
