/// The error of numbers as a multiple of the tolerance `absolute + relative * |expected|`: at most 1 is close enough.
/// NaN matches NaN, and infinity matches itself.
func tolerancesOff(
  _ found: some Sequence<Float>, _ expected: some Sequence<Float>, relative: Double = 1e-5, absolute: Double = 1e-6
) -> Double {
  zip(found, expected).reduce(0) { worst, pair in
    let (found, expected) = (Double(pair.0), Double(pair.1))
    if found == expected || (found.isNaN && expected.isNaN) { return worst }
    let error = (found - expected).magnitude / (absolute + relative * expected.magnitude)
    return error.isNaN ? .infinity : max(worst, error)
  }
}
