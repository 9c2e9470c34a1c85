/// A tensor in a receipt: its hash, and statistics that show by how much another one differs.
///
/// Sums are in binary64, as in ``TensorStatistics``. Version 0.1.0 left out NaN and the infinities.
public struct ReceiptTensor: Sendable, Equatable {
  /// SHA-256 of the float32 elements, little endian.
  public let sha256: String
  /// The sum of absolute values.
  public let absoluteSum: Double
  /// The mean.
  public let mean: Double
  /// The standard deviation, divided by the number of elements.
  public let std: Double
  /// The smallest element; NaN if there is none.
  public let min: Double
  /// The largest element; NaN if there is none.
  public let max: Double

  /// Measures a tensor.
  public init(_ tensor: Tensor<Float>) {
    let statistics = TensorStatistics(of: tensor, histogramBins: 0)
    sha256 = statistics.sha256
    (absoluteSum, mean, std) = (statistics.absoluteSum, statistics.mean, statistics.std)
    (min, max) = (Double(statistics.min), Double(statistics.max))
  }

  /// The statistics by their names in JSON.
  var numbers: [(name: String, value: Double)] {
    [("abs_sum", absoluteSum), ("mean", mean), ("std", std), ("min", min), ("max", max)]
  }

  /// Whether the elements are the same. Statistics are not compared, because NaN is not equal to itself.
  public static func == (left: Self, right: Self) -> Bool { left.sha256 == right.sha256 }
}

extension ReceiptTensor: Codable {
  private enum CodingKeys: String, CodingKey {
    case sha256, mean, std, min, max
    case absoluteSum = "abs_sum"
  }

  /// Decodes the statistics; numbers that JSON cannot represent are the strings "nan", "inf" and "-inf".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    func number(_ key: CodingKeys) throws -> Double {
      try container.decode(JSONNumber<Double>.self, forKey: key).value
    }
    sha256 = try container.decode(String.self, forKey: .sha256)
    (absoluteSum, mean, std) = (try number(.absoluteSum), try number(.mean), try number(.std))
    (min, max) = (try number(.min), try number(.max))
  }

  /// Encodes the statistics; numbers that JSON cannot represent are the strings "nan", "inf" and "-inf".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(sha256, forKey: .sha256)
    for (name, value) in numbers {
      if let key = CodingKeys(rawValue: name) { try container.encode(JSONNumber(value), forKey: key) }
    }
  }
}
