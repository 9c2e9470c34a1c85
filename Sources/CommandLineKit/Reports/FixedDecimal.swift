/// Numbers for people, with a set number of digits behind the point. Reports for programs print every digit instead.
package enum FixedDecimal {
  /// The value rounded to `digits` (at most 9) digits behind the point; values too large for that keep their exponent.
  package static func text(_ value: Double, digits: Int) -> String {
    guard value.isFinite else { return value.isNaN ? "NaN" : value < 0 ? "-Inf" : "Inf" }
    let scale = (0..<digits).reduce(1) { product, _ in product * 10 }
    let scaled = (value.magnitude * Double(scale)).rounded(.toNearestOrEven)
    guard scaled < 0x1p53 else { return "\(value)" }
    let whole = Int(scaled)
    let fraction = String(whole % scale)
    let sign = value < 0 && whole > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(whole)" }
    return "\(sign)\(whole / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
