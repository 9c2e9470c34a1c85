extension ULPHistogramBin {
  /// Bins of a comparison, brought to so many rows: equal bits alone, then powers of two, as many together as it takes. What is
  /// empty at the end is left out.
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
