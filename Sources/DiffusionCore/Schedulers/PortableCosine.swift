/// A cosine with the same bits on every machine, which the system's libm does not guarantee.
///
/// Below pi/4 it is the Taylor series of the cosine to x^16; above, that of the sine of y = pi/2 - x to y^17, with pi/2
/// in two parts. Both truncation errors lie below 2^-58 of the result, so that only rounding remains: under one unit in
/// the last place, as the tests measure.
///
/// - Parameter x: An angle in radians, 0 to 2.
/// - Returns: The cosine, computed with plain binary64 multiplications, additions and divisions.
package func portableCosine(_ x: Double) -> Double {
  guard x > 0.785_398_163_397_448_3 else { return cosineSeries(x) }
  let halfPi = 1.570_796_326_794_896_6
  let halfPiRest = 6.123_233_995_736_766e-17
  // The difference is exact (Sterbenz); the rest is a first-order correction, as sine's slope is near 1 - y^2/2.
  let y = halfPi - x
  return sineSeries(y, correction: halfPiRest * (1 - y * y / 2))
}

private func cosineSeries(_ x: Double) -> Double {
  let z = x * x
  var tail = 1 / 20_922_789_888_000.0
  for factorial in [
    -87_178_291_200.0, 479_001_600.0, -3_628_800.0, 40_320.0, -720.0, 24.0,
  ] {
    tail = tail * z + 1 / factorial
  }
  let half = z / 2
  let rounded = 1 - half
  return rounded + ((1 - rounded - half) + z * z * tail)
}

private func sineSeries(_ y: Double, correction: Double) -> Double {
  let z = y * y
  var tail = 1 / 355_687_428_096_000.0
  for factorial in [
    -1_307_674_368_000.0, 6_227_020_800.0, -39_916_800.0, 362_880.0, -5_040.0, 120.0, -6.0,
  ] {
    tail = tail * z + 1 / factorial
  }
  return y + (y * z * tail + correction)
}
