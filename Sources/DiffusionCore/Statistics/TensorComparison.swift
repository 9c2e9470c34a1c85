/// The distance between two tensors of the same shape: in bits, in units in the last place, and in value.
///
/// A pair of elements with the same 32 bits differs by 0, whether finite or not. Otherwise, as in numpy, a pair differs
/// by infinity if one is infinite or both are with different signs, and by NaN if either is a NaN; one such pair makes
/// the largest difference, the error and the signal-to-noise ratio NaN. Differences and sums are in binary64, in
/// row-major order, so they are the same on every machine.
public struct TensorComparison: Sendable, Equatable {
  /// The extent of each dimension, the same for both.
  public let shape: [Int]
  /// Whether all bits of all elements are equal: -0 differs from 0, and a NaN equals itself.
  public let isBitEqual: Bool
  /// The largest |other - reference|; infinite or NaN as defined above, 0 if there are no elements.
  public let maximumAbsoluteDifference: Double
  /// The square root of the mean of (other - reference)^2; infinite or NaN as above, 0 if there are no elements.
  public let rootMeanSquareError: Double
  /// The width of the range of values for ``peakSignalToNoiseRatio``: 2 for samples in [-1, 1].
  public let peakRange: Double
  /// 20 log10(range / RMSE) in decibels: infinity if the error is 0, minus infinity if it is infinite, NaN if it is.
  public let peakSignalToNoiseRatio: Double
  /// The share of the 32 n bits that are equal, 0 to 1; 1 if there are no elements. Two unrelated tensors share about
  /// half.
  public let shareOfEqualBits: Double
  /// The share of elements all of whose bits are equal, 0 to 1; 1 if there are no elements.
  public let shareOfEqualElements: Double
  /// The number of pairs by their distance in units in the last place, the number of binary32 values from one to the
  /// other: bin 0 counts distance 0, bin 1 distance 1, bin k distances 2^(k-1) to 2^k - 1, and the last, 32, the rest.
  /// -0 and 0 are 0 apart, infinity is 1 from the largest finite value. Always 33 bins; pairs with a NaN are in none.
  public let ulpHistogram: [Int]
  /// The number of pairs with a NaN in either tensor, which have no distance and are not in ``ulpHistogram``.
  public let nanPairCount: Int

  /// The exponent of the least power of two that more than half of the distances in units in the last place are below:
  /// 0 where more than half are 0; nil without a distance.
  public var medianDistanceExponent: Int? {
    let total = ulpHistogram.reduce(0, +)
    var below = 0
    for (exponent, count) in ulpHistogram.enumerated() {
      below += count
      if 2 * below > total { return exponent }
    }
    return nil
  }

  /// Compares two tensors.
  ///
  /// - Parameters:
  ///   - reference: The reference, of any shape, empty included.
  ///   - other: The tensor to compare with it.
  ///   - peakRange: The width of the range of values, for the peak signal-to-noise ratio; above 0.
  /// - Throws: ``DiffusionError`` (`usage`) if the shapes differ.
  public init(reference: Tensor<Float>, other: Tensor<Float>, peakRange: Double = 2) throws {
    try Self.requireOneShape(reference, other)
    var tally = Tally()
    for (left, right) in zip(reference.scalars, other.scalars) { tally.add(left, right) }
    let count = reference.count
    shape = reference.shape
    isBitEqual = tally.equalElements == count
    maximumAbsoluteDifference = tally.largest.withoutPayload
    let error = count == 0 ? 0 : (tally.squares / Double(count)).squareRoot().withoutPayload
    rootMeanSquareError = error
    self.peakRange = peakRange
    peakSignalToNoiseRatio = Self.decibels(of: peakRange, over: error)
    shareOfEqualBits = count == 0 ? 1 : 1 - Double(tally.differentBits) / Double(32 * count)
    shareOfEqualElements = count == 0 ? 1 : Double(tally.equalElements) / Double(count)
    ulpHistogram = tally.histogram
    nanPairCount = tally.nanPairs
  }

  /// `other - reference`, element by element, in the tensors' shape, to show where they differ.
  ///
  /// Elements with the same bits give 0, infinities and NaNs included; otherwise it is the binary32 difference, which
  /// is NaN if an operand is.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the shapes differ.
  public static func difference(reference: Tensor<Float>, other: Tensor<Float>) throws -> Tensor<Float> {
    try requireOneShape(reference, other)
    return Tensor(
      unchecked: reference.shape,
      zip(reference.scalars, other.scalars).map { $0.bitPattern == $1.bitPattern ? 0 : $1 - $0 })
  }

  /// ``maximumAbsoluteDifference`` alone, at a fraction of the time.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) if the shapes differ.
  public static func maximumAbsoluteDifference(reference: Tensor<Float>, other: Tensor<Float>) throws -> Double {
    try requireOneShape(reference, other)
    var largest = 0.0
    for (left, right) in zip(reference.scalars, other.scalars) where left.bitPattern != right.bitPattern {
      let magnitude = Tally.magnitude(left, right)
      // Once it is NaN, it stays NaN.
      if magnitude > largest || magnitude.isNaN { largest = magnitude }
    }
    return largest.withoutPayload
  }

  /// The point where two sequences of tensors diverge: the index of the first pair that differs in shape or in any bit.
  ///
  /// - Returns: Nil if there is none; the excess of the longer sequence is ignored.
  public static func firstDivergence(
    _ first: some Sequence<Tensor<Float>>, _ second: some Sequence<Tensor<Float>>
  ) -> Int? {
    zip(first, second).enumerated().first { !$0.element.0.isBitEqual(to: $0.element.1) }?.offset
  }

  private static func requireOneShape(_ reference: Tensor<Float>, _ other: Tensor<Float>) throws {
    guard reference.shape == other.shape else {
      throw DiffusionError(
        .usage,
        "a tensor of shape \(other.shape) cannot be compared with one of shape \(reference.shape): "
          + "compare runs of one model and batch size")
    }
  }

  private static func decibels(of range: Double, over error: Double) -> Double {
    if error.isNaN { return .nan }
    guard error > 0 else { return .infinity }
    guard error.isFinite else { return -.infinity }
    return 20 * DoubleMath.log10(range / error)
  }
}

extension TensorComparison {
  /// The running totals of the pairs so far.
  struct Tally {
    private(set) var equalElements = 0
    private(set) var differentBits = 0
    private(set) var nanPairs = 0
    private(set) var largest = 0.0
    private(set) var squares = 0.0
    private(set) var histogram = [Int](repeating: 0, count: 33)

    /// Counts a pair.
    mutating func add(_ left: Float, _ right: Float) {
      let different = left.bitPattern ^ right.bitPattern
      if different == 0 {
        equalElements += 1
      } else {
        differentBits += different.nonzeroBitCount
        let magnitude = Self.magnitude(left, right)
        // Once it is NaN, it stays NaN.
        if magnitude > largest || magnitude.isNaN { largest = magnitude }
        squares += magnitude * magnitude
      }
      guard !left.isNaN, !right.isNaN else {
        nanPairs += 1
        return
      }
      histogram[Self.bin(left, right)] += 1
    }

    /// |right - left|. The largest finite difference cannot overflow in binary64.
    static func magnitude(_ left: Float, _ right: Float) -> Double { (Double(right) - Double(left)).magnitude }

    private static func bin(_ left: Float, _ right: Float) -> Int {
      let distance = (place(left) - place(right)).magnitude
      return UInt.bitWidth - distance.leadingZeroBitCount
    }

    /// The rank of a value, such that neighbours differ by 1 and both zeros are 0.
    private static func place(_ value: Float) -> Int {
      let magnitude = Int(value.bitPattern & 0x7FFF_FFFF)
      return value.sign == .minus ? -magnitude : magnitude
    }
  }
}

extension Tensor<Float> {
  /// Whether two tensors have the same shape and the same 32 bits in every element: -0 differs from 0, and a NaN equals
  /// itself.
  public func isBitEqual(to other: Tensor<Float>) -> Bool {
    guard shape == other.shape else { return false }
    return scalars.withUnsafeBufferPointer { left in
      other.scalars.withUnsafeBufferPointer { right in
        left.baseAddress == right.baseAddress || zip(left, right).allSatisfy { $0.bitPattern == $1.bitPattern }
      }
    }
  }
}
