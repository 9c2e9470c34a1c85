import DiffusionCore
import TestSupport
import Testing

@Suite("The distance between tensors")
struct TensorComparisonTests {
  private func tensor(_ scalars: Float...) -> Tensor<Float> { Tensor(unchecked: [scalars.count], scalars) }

  private func comparison(_ reference: Tensor<Float>, _ other: Tensor<Float>) throws -> TensorComparison {
    try TensorComparison(reference: reference, other: other)
  }

  @Test("a tensor equals itself, NaN and infinities included")
  func equal() throws {
    let values = tensor(1, -0.0, .nan, .infinity, -.infinity, .leastNonzeroMagnitude)
    let same = try comparison(values, values)
    #expect(same.isBitEqual)
    #expect(same.maximumAbsoluteDifference == 0)
    #expect(same.rootMeanSquareError == 0)
    #expect(same.peakSignalToNoiseRatio == .infinity)
    #expect(same.shareOfEqualBits == 1)
    #expect(same.shareOfEqualElements == 1)
    #expect(same.ulpHistogram == [5] + [Int](repeating: 0, count: 32))
    #expect(same.nanPairCount == 1)
  }

  @Test("numbers match the definition")
  func numbers() throws {
    let found = try comparison(tensor(0, 1, -1, 0.5), tensor(0, 1.5, -1, -0.5))
    #expect(!found.isBitEqual)
    #expect(found.maximumAbsoluteDifference == 1)
    #expect(found.rootMeanSquareError == (1.25 / 4).squareRoot())
    // 10 log10(4 / 0.3125).
    #expect(abs(found.peakSignalToNoiseRatio - 11.072099696478683) < 1e-12)
    // 1 -> 1.5 and the sign of 0.5: one bit each of 128.
    #expect(found.shareOfEqualBits == 126.0 / 128)
    #expect(found.shareOfEqualElements == 0.5)
  }

  @Test("the range of the values changes the peak signal-to-noise ratio")
  func peakRange() throws {
    let found = try TensorComparison(reference: tensor(0), other: tensor(0.1), peakRange: 1)
    #expect(abs(found.peakSignalToNoiseRatio - 20) < 1e-6)
    #expect(found.peakRange == 1)
  }

  @Test(
    "distances in ulp fall into bins of doubling width",
    arguments: [
      (1, 1, 0), (0, -0.0, 0), (1, Float(1).nextUp, 1), (1, Float(1).nextUp.nextUp, 2),
      (1, Float(bitPattern: 0x3F80_0003), 2), (1, Float(bitPattern: 0x3F80_0004), 3),
      (1, Float(bitPattern: 0x3F80_0007), 3), (1, Float(bitPattern: 0x3F80_0008), 4),
      (.leastNonzeroMagnitude, -.leastNonzeroMagnitude, 2), (.greatestFiniteMagnitude, .infinity, 1),
      (0, 1, 30), (-.infinity, .infinity, 32),
    ] as [(Float, Float, Int)])
  func bins(left: Float, right: Float, bin: Int) throws {
    for pair in [(left, right), (right, left)] {
      let histogram = try comparison(tensor(pair.0), tensor(pair.1)).ulpHistogram
      #expect(histogram.count == 33)
      #expect(histogram[bin] == 1)
      #expect(histogram.reduce(0, +) == 1)
    }
  }

  /// `np.abs(other - reference).max()` and the rest in numpy.
  @Test(
    "an infinity is infinitely far from anything else, a NaN by NaN",
    arguments: [
      (.nan, 1, .nan, .nan), (1, .nan, .nan, .nan), (.nan, Float(bitPattern: 0x7FC0_0001), .nan, .nan),
      (.nan, .infinity, .nan, .nan), (.infinity, 1, .infinity, -.infinity),
      (.infinity, -.infinity, .infinity, -.infinity),
    ] as [(Float, Float, Double, Double)])
  func notFinite(left: Float, right: Float, distance: Double, ratio: Double) throws {
    for others in [[0, 3], [-.infinity, 0]] as [[Float]] {
      let found = try comparison(tensor(0, left, others[0]), tensor(0, right, others[1]))
      #expect(!found.isBitEqual)
      #expect("\(found.maximumAbsoluteDifference)" == "\(distance)")
      #expect("\(found.rootMeanSquareError)" == "\(distance)")
      #expect("\(found.peakSignalToNoiseRatio)" == "\(ratio)")
      #expect(found.shareOfEqualElements == 1.0 / 3)
      #expect(found.nanPairCount == (left.isNaN || right.isNaN ? 1 : 0))
    }
  }

  @Test("-0 and 0 differ in one bit but not in value")
  func zeros() throws {
    let found = try comparison(tensor(0), tensor(-0.0))
    #expect(!found.isBitEqual)
    #expect(found.maximumAbsoluteDifference == 0)
    #expect(found.peakSignalToNoiseRatio == .infinity)
    #expect(found.shareOfEqualBits == 31.0 / 32)
  }

  @Test("empty tensors are equal")
  func empty() throws {
    let found = try comparison(tensor(), tensor())
    #expect(found.isBitEqual)
    #expect(found.shareOfEqualBits == 1)
    #expect(found.rootMeanSquareError == 0)
  }

  @Test("different shapes are refused and named")
  func shapes() throws {
    let (one, two) = (Tensor<Float>(unchecked: [1, 2], [0, 0]), Tensor<Float>(unchecked: [2, 1], [0, 0]))
    let errors = [
      #expect(throws: DiffusionError.self) { try comparison(one, two) },
      #expect(throws: DiffusionError.self) { try TensorComparison.difference(reference: one, other: two) },
    ]
    for error in errors {
      #expect(error?.kind == .usage)
      #expect(error?.message.contains("[2, 1]") == true)
      #expect(error?.message.contains("[1, 2]") == true)
    }
  }

  @Test("the difference is other less reference, and 0 if the bits are the same")
  func difference() throws {
    let found = try TensorComparison.difference(
      reference: tensor(1, .infinity, .nan, 2, .nan, .infinity), other: tensor(1.5, .infinity, .nan, -1, 1, 3))
    #expect(found.scalars.prefix(4) == [0.5, 0, 0, -3])
    #expect(found.scalars[4].isNaN)
    #expect(found.scalars[5] == -.infinity)
    #expect(found.shape == [6])
  }

  @Test("sequences diverge at the first pair that differs in a bit or in shape")
  func firstDivergence() {
    let (a, b) = (tensor(0, 1), tensor(-0.0, 1))
    #expect(TensorComparison.firstDivergence([a, a, b], [a, a, a]) == 2)
    #expect(TensorComparison.firstDivergence([b], [a]) == 0)
    #expect(TensorComparison.firstDivergence([a, b], [a, b]) == nil)
    #expect(TensorComparison.firstDivergence([a, b, b], [a]) == nil)
    #expect(TensorComparison.firstDivergence([a], [Tensor(unchecked: [2, 1], [0, 1])]) == 0)
  }
}
