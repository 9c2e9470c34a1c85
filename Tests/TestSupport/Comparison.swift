import DiffusionCore

/// The largest absolute difference of two tensors; infinite if their shapes differ or a NaN is among them.
public func largestDifference<Left, Right>(_ left: Tensor<Left>, _ right: Tensor<Right>) -> Double {
  guard left.shape == right.shape else { return .infinity }
  return zip(left.scalars, right.scalars).reduce(0) { largest, pair in
    let difference = abs(pair.0.doubleValue - pair.1.doubleValue)
    return difference.isNaN ? .infinity : max(largest, difference)
  }
}

/// Whether two tensors are the same, bit for bit: -0 differs from 0, and a NaN equals itself.
public func sameBits(_ left: Tensor<Float>, _ right: Tensor<Float>) -> Bool {
  left.shape == right.shape && left.scalars.map(\.bitPattern) == right.scalars.map(\.bitPattern)
}

extension Tensor {
  /// Some of the images of a batch.
  ///
  /// - Throws: An error if the tensor has no dimensions.
  public func images(_ range: Range<Int>) throws -> Tensor {
    let each = shape.dropFirst().reduce(1, *)
    return try Tensor(
      shape: [range.count] + shape.dropFirst(),
      scalars: Array(scalars[range.lowerBound * each..<range.upperBound * each]))
  }

  /// Several batches joined into one.
  ///
  /// - Throws: An error if their images differ in shape.
  public static func batch(_ parts: [Tensor]) throws -> Tensor {
    try Tensor(
      shape: [parts.reduce(0) { $0 + $1.shape[0] }] + (parts.first?.shape.dropFirst() ?? []),
      scalars: parts.flatMap(\.scalars))
  }
}
