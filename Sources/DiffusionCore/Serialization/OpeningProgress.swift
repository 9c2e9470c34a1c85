/// Called before each tensor of a model that is being opened; an error it throws stops the opening there.
public typealias OpeningProgressHandler = (_ progress: OpeningProgress) throws -> Void

/// How far the opening of a model is. Each tensor is read, rounded if asked for, and laid out for the device.
public struct OpeningProgress: Sendable, Equatable {
  /// The bytes of weights that are done, and all of them, as they are in the files.
  public let bytes, totalBytes: Int
  /// The type that the weights are rounded to.
  public let weights: WeightPrecision

  /// Creates a progress.
  public init(bytes: Int, totalBytes: Int, weights: WeightPrecision = .float32) {
    (self.bytes, self.totalBytes, self.weights) = (bytes, totalBytes, weights)
  }

  /// `reading and packing the weights: 34 of 143 MB`, in units of 1,000,000 bytes.
  public var text: String {
    let rounding = weights == .float32 ? " and" : ", rounding to \(weights.rawValue) and"
    let (done, all) = (bytes / 1_000_000, (totalBytes + 999_999) / 1_000_000)
    return "reading\(rounding) packing the weights: \(done) of \(all) MB"
  }
}
