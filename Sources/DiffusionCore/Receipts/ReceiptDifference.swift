/// A difference between a run, or its inputs, and a receipt.
public struct ReceiptDifference: Sendable, Equatable {
  /// The part of a run where a difference was found.
  public enum Place: String, Sendable, Encodable {
    /// The receipt itself, which was changed.
    case receipt
    /// A file of the model.
    case model
    /// The picture that the run starts from.
    case picture
    /// The scheduler's configuration.
    case scheduler
    /// The timesteps that the scheduler chose.
    case timesteps
    /// The noise that the run starts from.
    case initialNoise = "initial_noise"
    /// The picture with noise added.
    case initialSample = "initial_sample"
    /// The model output of a step.
    case modelOutput = "model_output"
    /// The sample after a step.
    case prevSample = "prev_sample"
    /// The images.
    case images
  }

  /// The part in which it was found.
  public let place: Place
  /// The index of the step, from 0, if it was found in one.
  public let step: Int?
  /// The hash in the receipt, if it is one that differs.
  public let expected: String?
  /// The value found instead.
  public let found: String?
  /// Found less expected, by the names of the statistics.
  public let statistics: [String: Double]
  /// The largest |found - expected| of an element, if the expected tensor is available.
  public let maximumDifference: Double?
  /// The message, one line.
  public let message: String

  /// Creates a difference.
  public init(
    _ place: Place, step: Int? = nil, expected: String? = nil, found: String? = nil, statistics: [String: Double] = [:],
    maximumDifference: Double? = nil, message: String
  ) {
    (self.place, self.step, self.expected, self.found) = (place, step, expected, found)
    (self.statistics, self.maximumDifference, self.message) = (statistics, maximumDifference, message)
  }
}

extension ReceiptDifference: Encodable {
  private enum CodingKeys: String, CodingKey {
    case place, step, expected, found, statistics, message
    case maximumDifference = "max_abs_difference"
  }
}
