/// One thing in which a run, or what it would be made of, is not what a receipt says.
public struct ReceiptDifference: Sendable, Equatable {
  /// What it was found in.
  public enum Place: String, Sendable, Encodable {
    /// The receipt itself, which somebody changed.
    case receipt
    /// A file of the model.
    case model
    /// The scheduler's configuration.
    case scheduler
    /// The timesteps that the scheduler chose.
    case timesteps
    /// The noise that the run starts from.
    case initialNoise = "initial_noise"
    /// What the model said in a step.
    case modelOutput = "model_output"
    /// The sample that left a step.
    case prevSample = "prev_sample"
    /// The images.
    case images
  }

  /// What it was found in.
  public let place: Place
  /// The step, from 0, where it was found in one.
  public let step: Int?
  /// What the receipt says, where that is a hash.
  public let expected: String?
  /// What was found instead.
  public let found: String?
  /// Found less expected, by the names of the statistics.
  public let statistics: [String: Double]
  /// The largest |found - expected| of an element, where the expected tensor is at hand.
  public let maximumDifference: Double?
  /// One line for people.
  public let message: String

  /// Describes a difference.
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
