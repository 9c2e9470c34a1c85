/// The middle one of measured times.
enum Median {
  /// The middle one of values in any order; between the two middle ones of an even number, NaN of none.
  static func of(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return .nan }
    let sorted = values.sorted()
    return (sorted[(sorted.count - 1) / 2] + sorted[sorted.count / 2]) / 2
  }
}
