/// The limits that a scheduler applies to the predicted original sample to keep it in the range of images.
struct SampleLimits: Sendable {
  /// Whether it is thresholded dynamically, which takes precedence over clipping.
  var thresholding = false
  /// The quantile of absolute values used as the threshold, 0 to 1.
  var dynamicThresholdingRatio = 0.995
  /// The largest threshold.
  var sampleMaxValue = 1.0
  /// The largest magnitude after clipping; nil for no clipping.
  var clipSampleRange: Double?

  /// Limits a batch, `[batch, ...]`.
  func applied(to sample: [Float], shape: [Int]) -> [Float] {
    if thresholding { return thresholded(sample, shape: shape) }
    guard let clipSampleRange else { return sample }
    let range = Float(clipSampleRange)
    return sample.map { clamp($0, -range, range) }
  }

  /// Dynamic thresholding of each image of a batch separately (`_threshold_sample`; Imagen, arXiv 2205.11487): clips to
  /// the quantile of its absolute values, limited to the range from 1 to `sampleMaxValue`, and divides by it.
  private func thresholded(_ sample: [Float], shape: [Int]) -> [Float] {
    guard let batch = shape.first, batch > 0, !sample.isEmpty else { return sample }
    let count = sample.count / batch
    var result = sample
    for image in 0..<batch {
      let range = image * count..<(image + 1) * count
      let quantile = linearQuantile(sample[range].map(\.magnitude), Float(dynamicThresholdingRatio))
      let threshold = clamp(quantile, 1, Float(sampleMaxValue))
      for index in range { result[index] = clamp(sample[index], -threshold, threshold) / threshold }
    }
    return result
  }

  /// Checks the quantile.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the option.
  func validate() throws {
    guard thresholding, !(0...1).contains(dynamicThresholdingRatio) else { return }
    throw DiffusionError(
      .badData, "dynamic_thresholding_ratio is \(dynamicThresholdingRatio): expected a quantile from 0 to 1")
  }
}

/// A configuration with limits of the original sample.
public protocol LimitsConfiguration: SchedulerConfiguration {
  /// Whether the predicted original sample is clipped to `clipSampleRange`; thresholding takes precedence.
  var clipSample: Bool { get set }
  /// The largest magnitude after clipping.
  var clipSampleRange: Double { get set }
  /// Whether the predicted original sample is thresholded dynamically (Imagen, Saharia et al. 2022, arXiv 2205.11487).
  var thresholding: Bool { get set }
  /// The quantile of absolute values used as the threshold, 0 to 1.
  var dynamicThresholdingRatio: Double { get set }
  /// The largest threshold.
  var sampleMaxValue: Double { get set }
}

extension LimitsConfiguration {
  /// The options of the limits.
  static var limitsOptions: [ConfigurationOption<Self>] {
    [
      .bool("clip_sample", \.clipSample), .double("clip_sample_range", \.clipSampleRange),
      .bool("thresholding", \.thresholding), .double("dynamic_thresholding_ratio", \.dynamicThresholdingRatio),
      .double("sample_max_value", \.sampleMaxValue),
    ]
  }

  var limits: SampleLimits {
    SampleLimits(
      thresholding: thresholding, dynamicThresholdingRatio: dynamicThresholdingRatio, sampleMaxValue: sampleMaxValue,
      clipSampleRange: clipSample ? clipSampleRange : nil)
  }
}

/// Limits a value as `torch.clamp` does: NaN stays NaN, and the upper limit wins if the limits cross.
func clamp(_ value: Float, _ lower: Float, _ upper: Float) -> Float {
  guard !value.isNaN, !lower.isNaN, !upper.isNaN else { return .nan }
  return min(max(value, lower), upper)
}

/// The quantile of values with linear interpolation, as `torch.quantile` computes it in binary32; NaN if any value is.
func linearQuantile(_ values: [Float], _ ratio: Float) -> Float {
  guard !values.contains(where: \.isNaN) else { return .nan }
  let sorted = values.sorted()
  let rank = ratio * Float(sorted.count - 1)
  let below = sorted[min(Int(rank), sorted.count - 1)]
  let above = sorted[min(Int(rank.rounded(.up)), sorted.count - 1)]
  let weight = rank - rank.rounded(.down)
  // torch.lerp counts from the nearer end.
  return weight < 0.5 ? below + weight * (above - below) : above - (above - below) * (1 - weight)
}
