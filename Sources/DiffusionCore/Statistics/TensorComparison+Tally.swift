extension TensorComparison {
  /// What the pairs seen so far add up to.
  struct Tally {
    private(set) var equalElements = 0
    private(set) var differentBits = 0
    private(set) var nanPairs = 0
    private(set) var largest = 0.0
    private(set) var squares = 0.0
    private(set) var histogram = [Int](repeating: 0, count: 33)

    /// Counts one pair.
    mutating func add(_ left: Float, _ right: Float) {
      let different = left.bitPattern ^ right.bitPattern
      if different == 0 {
        equalElements += 1
      } else {
        differentBits += different.nonzeroBitCount
        let difference = Double(right) - Double(left)
        // The difference of two infinities is a NaN too; the largest finite one cannot overflow in binary64.
        let magnitude = difference.isNaN ? Double.infinity : difference.magnitude
        largest = max(largest, magnitude)
        squares += magnitude * magnitude
      }
      guard !left.isNaN, !right.isNaN else {
        nanPairs += 1
        return
      }
      histogram[Self.bin(left, right)] += 1
    }

    private static func bin(_ left: Float, _ right: Float) -> Int {
      let distance = (place(left) - place(right)).magnitude
      return UInt.bitWidth - distance.leadingZeroBitCount
    }

    /// Where a value stands among all, so that neighbours differ by 1 and both zeros are 0.
    private static func place(_ value: Float) -> Int {
      let magnitude = Int(value.bitPattern & 0x7FFF_FFFF)
      return value.sign == .minus ? -magnitude : magnitude
    }
  }
}
