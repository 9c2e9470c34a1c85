extension TensorStatistics: Encodable {
  private enum CodingKeys: String, CodingKey {
    case shape, dtype, mean, std, min, max, l2, clipped, histogram, sha256
    case absoluteSum = "abs_sum"
    case nanCount = "nan_count"
    case infinityCount = "infinity_count"
    case channelStd = "channel_std"
    case histogramRange = "histogram_range"
  }

  /// Writes every field in snake case. JSON has no infinity and no NaN, so `min` and `max` are then the strings "inf", "-inf"
  /// and "nan".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(shape, forKey: .shape)
    try container.encode(dtype.rawValue, forKey: .dtype)
    try container.encode(mean, forKey: .mean)
    try container.encode(std, forKey: .std)
    for (key, value) in [(CodingKeys.min, min), (.max, max)] {
      if value.isFinite {
        try container.encode(value, forKey: key)
      } else {
        try container.encode("\(value)", forKey: key)
      }
    }
    try container.encode(absoluteSum, forKey: .absoluteSum)
    try container.encode(l2, forKey: .l2)
    try container.encode(clipped, forKey: .clipped)
    try container.encode(nanCount, forKey: .nanCount)
    try container.encode(infinityCount, forKey: .infinityCount)
    try container.encode(channelStd, forKey: .channelStd)
    try container.encode(histogram, forKey: .histogram)
    try container.encode([histogramRange.lowerBound, histogramRange.upperBound], forKey: .histogramRange)
    try container.encode(sha256, forKey: .sha256)
  }
}
