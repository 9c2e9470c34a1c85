extension Tensor {
  /// The sum of absolute values in binary64, added in row-major order (`np.abs(image).sum(dtype=np.float64)` up to rounding,
  /// since numpy adds in pairs). NaN if any element is.
  public func absoluteSum() -> Double {
    var sum = 0.0
    for scalar in scalars { sum += scalar.doubleValue.magnitude }
    return sum
  }
}
