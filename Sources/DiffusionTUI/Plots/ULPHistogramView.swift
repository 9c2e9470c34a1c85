/// How many elements of two tensors lie so many representable numbers apart.
package struct ULPHistogramBin: Sendable, Equatable {
  /// The distance: `0`, `1`, `2-3`, `4-7` ...
  package let label: String
  /// How many elements.
  package let count: Int

  package init(_ label: String, _ count: Int) {
    self.label = label
    self.count = count
  }
}

extension ULPHistogramBin {
  /// Bins of a comparison, brought to so many rows: equal bits alone, then powers of two, as many together as it takes.
  /// What is empty at the end is left out.
  ///
  /// - Parameters:
  ///   - counts: Pairs at distance 0, at 1, at 2 to 3, at 4 to 7 and so on.
  ///   - rows: At most so many bins, at least two.
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

  /// The distances of some bins: bin k holds 2^(k-1) to 2^k - 1.
  private static func label(from lower: Int, to upper: Int) -> String {
    if upper <= 9 {
      let (least, most) = (1 << (lower - 1), 1 << upper - 1)
      return least == most ? "\(least)" : "\(least)-\(most)"
    }
    return "2^\(lower - 1)-2^\(upper)"
  }
}

/// How far apart two tensors are, in units in the last place: a row for each bin with its share and a bar; what is not
/// zero shows. The rows that do not fit are added up in the last one.
package struct ULPHistogramView: Sendable {
  /// From equal bits to the largest distance.
  package let bins: [ULPHistogramBin]

  package init(bins: [ULPHistogramBin]) { self.bins = bins }

  /// Draws it.
  package func draw(into frame: inout Frame, in part: Rect, look: Look) {
    guard part.columns > 0, part.rows > 0 else { return }
    let shown = shown(rows: part.rows)
    let total = bins.reduce(0.0) { $0 + Double(max(0, $1.count)) }
    let labels = shown.map(\.label.columns).max() ?? 0
    let counts = shown.map { "\($0.count)".count }.max() ?? 0
    // Label, count, share and bar; less of it where there is less room.
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

  /// Two digits; never 100 % where something is missing, nor 0 % where there is something.
  private static func percent(_ share: Double) -> String {
    if share > 0, share < 0.0001 { return "<0.01%" }
    if share < 1, share > 0.9999 { return ">99.99%" }
    return NumberText.fixed(100 * share, 2) + "%"
  }
}
