/// The statistics of a tensor, as the explorer and `--json` show them.
///
/// Sums are in binary64, in row-major order, so they are the same on every machine. As in numpy, a NaN makes mean,
/// standard deviations, absolute sum and L2 norm NaN. An infinity makes the sums infinite and the standard deviations
/// NaN, and two of opposite signs make the mean NaN. The range, the share of clipped elements and the histogram still
/// show the other elements, and both are counted.
public struct TensorStatistics: Sendable, Equatable {
  /// The extent of each dimension.
  public let shape: [Int]
  /// The element type.
  public let dtype: DType
  /// Mean; NaN if there are no elements.
  public let mean: Double
  /// Standard deviation, divided by the number of elements; NaN if there are none.
  public let std: Double
  /// The smallest element, including infinity but not NaN; NaN if there is none.
  public let min: Float
  /// The largest element, including infinity but not NaN; NaN if there is none.
  public let max: Float
  /// Sum of the absolute values.
  public let absoluteSum: Double
  /// Square root of the sum of squares.
  public let l2: Double
  /// The share of elements with |x| >= 1, including infinity; NaN counts in the denominator only.
  public let clipped: Double
  /// The number of NaN elements.
  public let nanCount: Int
  /// The number of infinite elements, of either sign.
  public let infinityCount: Int
  /// Standard deviation of each channel (dimension 1), over batch and pixels; empty for fewer than two dimensions.
  public let channelStd: [Double]
  /// Counts over `histogramRange` in equal bins; values outside it count in the first and last bin, NaN in none.
  public let histogram: [Int]
  /// The range of the histogram.
  public let histogramRange: ClosedRange<Float>
  /// SHA-256 of the elements, little endian, in hexadecimal.
  public let sha256: String

  /// Measures a tensor.
  ///
  /// - Parameters:
  ///   - tensor: Any shape, empty included.
  ///   - histogramBins: The number of bins of the histogram; fewer than 1 gives none.
  ///   - histogramRange: From the lower edge of the first bin to the upper edge of the last.
  public init<Scalar: TensorScalar>(
    of tensor: Tensor<Scalar>, histogramBins: Int = 32, histogramRange: ClosedRange<Float> = -3...3
  ) {
    let values = Scalar.doubleValues(tensor.scalars)
    let sums = TensorSums(of: values, shape: tensor.shape)
    let deviations = TensorDeviations(of: values, from: sums)
    shape = tensor.shape
    dtype = Scalar.dtype
    mean = sums.all.values.mean.withoutPayload
    std = deviations.all.withoutPayload
    min = sums.all.isEmpty ? .nan : Float(sums.all.min)
    max = sums.all.isEmpty ? .nan : Float(sums.all.max)
    absoluteSum = sums.all.absolute.withoutPayload
    l2 = sums.all.squares.squareRoot().withoutPayload
    clipped = values.isEmpty ? 0 : Double(sums.all.clipped) / Double(values.count)
    nanCount = sums.all.nans
    infinityCount = sums.all.infinities
    channelStd = tensor.shape.count < 2 ? [] : deviations.channels.map(\.withoutPayload)
    histogram = Self.histogram(values, bins: histogramBins, range: histogramRange)
    self.histogramRange = histogramRange
    sha256 = tensor.scalars.withUnsafeBytes { ContentHash.sha256($0) }
  }

  private static func histogram(_ values: [Double], bins: Int, range: ClosedRange<Float>) -> [Int] {
    guard bins > 0 else { return [] }
    var counts = [Int](repeating: 0, count: bins)
    let lower = Double(range.lowerBound)
    let width = Double(range.upperBound) - lower
    for value in values where !value.isNaN {
      // An empty range splits at its one point. The limits come before the conversion, which traps on infinity.
      let place = width > 0 ? (value - lower) / width * Double(bins) : (value < lower ? 0 : Double(bins))
      counts[Int(Swift.min(Swift.max(place, 0), Double(bins - 1)))] += 1
    }
    return counts
  }
}

extension TensorStatistics: Encodable {
  private enum CodingKeys: String, CodingKey {
    case shape, dtype, mean, std, min, max, l2, clipped, histogram, sha256
    case absoluteSum = "abs_sum"
    case nanCount = "nan_count"
    case infinityCount = "infinity_count"
    case channelStd = "channel_std"
    case histogramRange = "histogram_range"
  }

  /// Encodes every field in snake case. JSON has no infinity and no NaN, so these numbers are the strings "inf", "-inf"
  /// and "nan".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(dtype.rawValue, forKey: .dtype)
    try container.encode(JSONNumber(mean), forKey: .mean)
    try container.encode(JSONNumber(std), forKey: .std)
    try container.encode(JSONNumber(min), forKey: .min)
    try container.encode(JSONNumber(max), forKey: .max)
    try container.encode(JSONNumber(absoluteSum), forKey: .absoluteSum)
    try container.encode(JSONNumber(l2), forKey: .l2)
    try container.encode(clipped, forKey: .clipped)
    try container.encode(nanCount, forKey: .nanCount)
    try container.encode(infinityCount, forKey: .infinityCount)
    try container.encode(channelStd.map { JSONNumber($0) }, forKey: .channelStd)
    try container.encode(histogram, forKey: .histogram)
    try container.encode([histogramRange.lowerBound, histogramRange.upperBound], forKey: .histogramRange)
    try container.encode(sha256, forKey: .sha256)
  }
}
