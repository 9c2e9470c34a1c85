/// exp, sin and cos in binary64, of our own: the system's differ between machines. For the few values of a step that are not
/// worth a vector; rounded to binary32 they are right in all but about one case in 2^28.
package enum DoubleMath {
  /// e^x for |x| <= 700, within 2 ulp: x = n ln 2 + r, and Taylor's series of e^r to r^13.
  package static func exp(_ x: Double) -> Double {
    let n = (x * 1.4426950408889634).rounded(.toNearestOrEven)
    let r = (x - n * 0x1.62e42feep-1) - n * 0x1.a39ef35793c76p-33
    var sum = 1.0
    for k in stride(from: 13.0, through: 1, by: -1) { sum = 1 + sum * (r / k) }
    return sum * Double(sign: .plus, exponent: Int(n), significand: 1)
  }

  /// sin x for |x| <= 2^20, within 2 ulp or 2^-60 absolute.
  package static func sin(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    let value = quadrant & 1 == 0 ? sinSeries(r) : cosSeries(r)
    return quadrant & 2 == 0 ? value : -value
  }

  /// cos x for |x| <= 2^20, within 2 ulp or 2^-60 absolute.
  package static func cos(_ x: Double) -> Double {
    let (quadrant, r) = reduce(x)
    let value = quadrant & 1 == 0 ? cosSeries(r) : sinSeries(r)
    return (quadrant &+ 1) & 2 == 0 ? value : -value
  }

  /// x = quadrant * pi/2 + r, |r| <= pi/4 (Cody and Waite: pi/2 in three parts, the first two with trailing zeros).
  private static func reduce(_ x: Double) -> (quadrant: Int, r: Double) {
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
}
