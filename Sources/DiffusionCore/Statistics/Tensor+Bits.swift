extension Tensor<Float> {
  /// Whether two tensors have one shape and the same 32 bits in every element: -0 is not 0, and a NaN is itself.
  public func isBitEqual(to other: Tensor<Float>) -> Bool {
    guard shape == other.shape else { return false }
    return scalars.withUnsafeBufferPointer { left in
      other.scalars.withUnsafeBufferPointer { right in
        left.baseAddress == right.baseAddress || zip(left, right).allSatisfy { $0.bitPattern == $1.bitPattern }
      }
    }
  }
}
