import DiffusionCore
import FoundationEssentials
import Testing

@Suite("Statistics of a tensor")
struct TensorStatisticsTests {
  @Test("every field of a small tensor")
  func fields() throws {
    let tensor = try Tensor<Float>(shape: [2, 2, 1, 2], scalars: [1, 2, -3, 0, 5, 0, -0.5, 0.5])
    let statistics = TensorStatistics(of: tensor, histogramBins: 4, histogramRange: -2...2)
    #expect(statistics.shape == [2, 2, 1, 2])
    #expect(statistics.dtype == .float32)
    #expect(statistics.mean == 0.625)
    // Sum of squares 39.5 over 8, less the squared mean.
    #expect((statistics.std - (39.5 / 8 - 0.625 * 0.625).squareRoot()).magnitude < 1e-15)
    #expect(statistics.min == -3)
    #expect(statistics.max == 5)
    #expect(statistics.absoluteSum == 12)
    #expect(statistics.l2 == 39.5.squareRoot())
    #expect(statistics.clipped == 0.5)
    #expect(statistics.nanCount == 0)
    #expect(statistics.infinityCount == 0)
    // Channel 0 is 1 2 5 0 (mean 2), channel 1 is -3 0 -0.5 0.5 (mean -0.75).
    #expect((statistics.channelStd[0] - 3.5.squareRoot()).magnitude < 1e-15)
    #expect((statistics.channelStd[1] - (9.5 / 4 - 0.5625).squareRoot()).magnitude < 1e-15)
    #expect(statistics.channelStd.count == 2)
    #expect(statistics.histogram == [1, 1, 3, 3])
    #expect(statistics.histogramRange == -2...2)
    #expect(statistics.sha256 == tensor.scalars.withUnsafeBytes { ContentHash.sha256($0) })
  }

  /// The values of numpy 2.3 for the array in binary64: mean, std, `np.abs(x).sum()` and the root of `(x * x).sum()`.
  @Test(
    "sums are NaN and infinite where numpy's are",
    arguments: [
      ([1, .nan], [.nan, .nan, .nan, .nan]), ([1, .infinity], [.infinity, .nan, .infinity, .infinity]),
      ([1, -.infinity], [-.infinity, .nan, .infinity, .infinity]),
      ([.infinity, -.infinity], [.nan, .nan, .infinity, .infinity]),
      ([.nan, .infinity], [.nan, .nan, .nan, .nan]), ([-.nan], [.nan, .nan, .nan, .nan]),
      ([3, -4], [-0.5, 3.5, 7, 5]),
      ([], [.nan, .nan, 0, 0]),
    ] as [([Float], [Double])])
  func numpy(scalars: [Float], expected: [Double]) throws {
    let statistics = TensorStatistics(of: try Tensor<Float>(shape: [scalars.count, 1], scalars: scalars))
    let found = [statistics.mean, statistics.std, statistics.absoluteSum, statistics.l2]
    // As text, in which NaN has no sign and equals NaN.
    #expect(found.map { "\($0)" } == expected.map { "\($0)" })
    #expect(statistics.channelStd.map { "\($0)" } == ["\(expected[1])"])
  }

  @Test("NaN and infinity are counted, and the range and the histogram show the rest")
  func notFinite() throws {
    let tensor = try Tensor<Float>(shape: [1, 2, 3], scalars: [1, .nan, 3, -.infinity, 4, .infinity])
    let statistics = TensorStatistics(of: tensor, histogramBins: 2, histogramRange: 0...4)
    #expect(statistics.nanCount == 1)
    #expect(statistics.infinityCount == 2)
    #expect(statistics.mean.isNaN && statistics.absoluteSum.isNaN && statistics.l2.isNaN)
    #expect(statistics.min == -.infinity)
    #expect(statistics.max == .infinity)
    #expect(statistics.clipped == 5.0 / 6)
    #expect(statistics.channelStd.allSatisfy { $0.isNaN })
    #expect(statistics.histogram == [2, 3])
    #expect(tensor.absoluteSum().isNaN)
  }

  @Test("an empty tensor, and one of NaN only")
  func empty() throws {
    let nothing = TensorStatistics(of: try Tensor<Float>(shape: [0, 3, 2, 2], scalars: []))
    #expect(nothing.mean.isNaN && nothing.std.isNaN && nothing.clipped == 0)
    #expect(nothing.min.isNaN && nothing.max.isNaN)
    #expect(nothing.channelStd.count == 3 && nothing.channelStd.allSatisfy { $0.isNaN })
    #expect(nothing.histogram == Array(repeating: 0, count: 32))
    let notNumbers = TensorStatistics(of: try Tensor<Float>(shape: [2], scalars: [.nan, .nan]), histogramBins: 0)
    #expect(notNumbers.nanCount == 2)
    #expect(notNumbers.min.isNaN)
    #expect(notNumbers.histogram.isEmpty && notNumbers.channelStd.isEmpty)
  }

  @Test("a histogram over an empty range splits at its point")
  func emptyRange() throws {
    let tensor = try Tensor<Float>(shape: [3], scalars: [-1, 0, 1])
    #expect(TensorStatistics(of: tensor, histogramBins: 4, histogramRange: 0...0).histogram == [1, 0, 0, 2])
  }

  @Test("other element types")
  func otherTypes() throws {
    let half = TensorStatistics(of: try Tensor<Float16>(shape: [2], scalars: [0.5, -1.5]))
    #expect(half.dtype == .float16)
    #expect(half.absoluteSum == 2)
    let wide = try Tensor<Double>(shape: [2], scalars: [0.1, -0.2])
    #expect(wide.absoluteSum() == 0.1 + 0.2)
  }

  @Test("encodes in snake case, infinity as text")
  func encodes() throws {
    let statistics = TensorStatistics(of: try Tensor<Float>(shape: [1, 2], scalars: [.infinity, 2]), histogramBins: 1)
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let json = String(decoding: try encoder.encode(statistics), as: UTF8.self)
    #expect(
      json == """
        {"abs_sum":"inf","channel_std":["nan",0],"clipped":1,"dtype":"float32","histogram":[2],\
        "histogram_range":[-3,3],"infinity_count":1,"l2":"inf","max":"inf","mean":"inf",\
        "min":2,"nan_count":0,"sha256":"\(statistics.sha256)",\
        "shape":[1,2],"std":"nan"}
        """)
  }
}
