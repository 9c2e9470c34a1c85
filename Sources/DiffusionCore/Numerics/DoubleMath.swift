/// This project's own functions in binary64, because the system's differ between machines. They serve the few values
/// of a step that need no vector code; exp, sin and cos rounded to binary32 are exact in all but about one case in
/// 2^28.
package enum DoubleMath {
  /// e^x for |x| <= 700, within 2 ulp: x = n ln 2 + r, and Taylor's series of e^r to r^13. Far beyond, 0 and infinity;
  /// NaN of NaN.
  package static func exp(_ x: Double) -> Double {
    guard x.magnitude < 1100 else { return x.isNaN ? .nan : x < 0 ? 0 : .infinity }
    let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for k in stride(from: 13.0, through: 1, by: -1) { sum = 1 + sum * (r / k) }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// sin x for |x| <= 2^20, within 2 ulp or 2^-60 absolute. NaN from 2^52 on, and of NaN.
  package static func sin(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    let value = quadrant & 1 == 0 ? sinSeries(r) : cosSeries(r)
    return quadrant & 2 == 0 ? value : -value
  }

  /// cos x for |x| <= 2^20, within 2 ulp or 2^-60 absolute. NaN from 2^52 on, and of NaN.
  package static func cos(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    let value = quadrant & 1 == 0 ? cosSeries(r) : sinSeries(r)
    return (quadrant &+ 1) & 2 == 0 ? value : -value
  }

  /// The natural logarithm of a positive finite number, within 2 ulp or 2^-60 absolute: x = 2^n m with m from 0.707 to
  /// 1.414, and ln m = 2 artanh s for s = (m - 1) / (m + 1), by its series to s^23. NaN below 0, minus infinity at 0.
  package static func log(_ x: Double) -> Double {
    guard x > 0, x.isFinite else { return x == 0 ? -.infinity : x > 0 ? x : .nan }
    var (exponent, mantissa) = (Double(x.exponent), x.significand)
    if mantissa > 1.4142135623730951 { (exponent, mantissa) = (exponent + 1, mantissa / 2) }
    let s = (mantissa - 1) / (mantissa + 1), z = s * s
    var sum = 0.0
    for k in stride(from: 23.0, through: 3, by: -2) { sum = (sum + 1 / k) * z }
    return exponent * 0x1.62e42feep-1 + (2 * s + (2 * s * sum + exponent * 0x1.a39ef35793c76p-33))
  }

  /// The logarithm to base 10: ``log(_:)`` times log10 e, within 4 ulp or 2^-60 absolute.
  package static func log10(_ x: Double) -> Double { log(x) * 0.4342944819032518 }

  /// arccos c for -1 <= c <= 1, within 4 ulp or 2^-52 absolute: by the series of arcsin to its 51st power, of c itself
  /// where |c| <= 1/2, otherwise of the square root of half its distance to the nearer end. NaN outside.
  package static func acos(_ c: Double) -> Double {
    guard c.magnitude <= 1 else { return .nan }
    if c > 0.5 { return 2 * asinSeries(((1 - c) / 2).squareRoot()) }
    if c < -0.5 { return 0x1.921fb54442d18p1 - (2 * asinSeries(((1 + c) / 2).squareRoot()) - 0x1.1a62633145c07p-53) }
    return 0x1.921fb54442d18p0 - (asinSeries(c) - 0x1.1a62633145c07p-54)
  }

  /// x = quadrant * pi/2 + r, |r| <= pi/4 (Cody and Waite: pi/2 in three parts, the first two with trailing zeros).
  private static func reduce(_ x: Double) -> (quadrant: Int, r: Double) {
    guard x.magnitude < 0x1p52 else { return (0, .nan) }
    let n = (x * 0.6366197723675814).rounded(.toNearestOrEven)
    let r = ((x - n * 0x1.921fb544p0) - n * 0x1.0b4611a6p-34) - n * 0x1.3198a2e037073p-69
    return (Int(n), r)
  }

  private static func sinSeries(_ r: Double) -> Double {
    let z = r * r
    var sum = 1.0
    for k in stride(from: 18.0, through: 2, by: -2) { sum = 1 - sum * (z / (k * (k + 1))) }
    return r * sum
  }

  private static func cosSeries(_ r: Double) -> Double {
    let z = r * r
    var sum = 1.0
    for k in stride(from: 19.0, through: 1, by: -2) { sum = 1 - sum * (z / (k * (k + 1))) }
    return sum
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

extension BinaryFloatingPoint where Self: CustomStringConvertible {
  /// The number as text; whole numbers below 10^16 have no fraction, and NaN has no sign.
  public var wholeText: String {
    if isNaN { return "nan" }
    guard magnitude < 1e16, let whole = Int(exactly: self) else { return description }
    return (self == 0 && sign == .minus ? "-" : "") + String(whole)
  }

  /// The number; a NaN without the sign and payload that the operation which made it left, which depend on the machine.
  var withoutPayload: Self { isNaN ? .nan : self }
}
