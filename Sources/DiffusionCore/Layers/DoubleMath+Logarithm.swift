extension DoubleMath {
  /// The natural logarithm of a positive finite number, within 2 ulp or 2^-60 absolute: x = 2^n m with m from 0.707 to 1.414,
  /// and ln m = 2 artanh s for s = (m - 1) / (m + 1), by its series to s^23. NaN below 0, minus infinity at 0.
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
}
