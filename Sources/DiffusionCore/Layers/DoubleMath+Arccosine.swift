extension DoubleMath {
  /// arccos c for -1 <= c <= 1, within 4 ulp or 2^-52 absolute: by the series of arcsin to its 51st power, of c itself where
  /// |c| <= 1/2, else of the root of half its distance to the nearer end. NaN outside.
  package static func acos(_ c: Double) -> Double {
    guard c.magnitude <= 1 else { return .nan }
    if c > 0.5 { return 2 * asinSeries(((1 - c) / 2).squareRoot()) }
    if c < -0.5 { return 0x1.921fb54442d18p1 - (2 * asinSeries(((1 + c) / 2).squareRoot()) - 0x1.1a62633145c07p-53) }
    return 0x1.921fb54442d18p0 - (asinSeries(c) - 0x1.1a62633145c07p-54)
  }

  /// arcsin x for |x| <= 1/2, by Taylor's series: the ratio of two terms is (2k - 1)^2 / (2k (2k + 1)) x^2.
  private static func asinSeries(_ x: Double) -> Double {
    let z = x * x
    var sum = 1.0
    for k in stride(from: 25.0, through: 1, by: -1) {
      sum = 1 + sum * (z * ((2 * k - 1) * (2 * k - 1) / (2 * k * (2 * k + 1))))
    }
    return x * sum
  }
}
