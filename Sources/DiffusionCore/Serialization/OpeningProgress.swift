/// Called before each tensor of a model that is being opened, and several times a second while it is downloaded; an
/// error it throws stops the opening there.
public typealias OpeningProgressHandler = (_ progress: OpeningProgress) throws -> Void

/// How far the opening of a model is: its files are downloaded where they are missing; all tensors are checked where
/// they are; then each is read, rounded if asked for, and laid out for the device.
public struct OpeningProgress: Sendable, Equatable {
  /// What is being done.
  public enum Stage: Sendable, Equatable {
    /// Files are downloaded, at a rate in bytes a second, and with so many seconds left; nil before that is known.
    case downloading(rate: Double?, secondsLeft: Double?)
    /// Weights are looked for, and searched for values that are not finite.
    case checking
    /// A driver's device of a name is started, and compiles its kernels if no earlier start did.
    case starting(String)
    /// Weights are read, and rounded to a type.
    case reading(WeightPrecision)
  }

  /// The bytes that are done, and all of them, as they are in the files.
  public let bytes, totalBytes: Int
  /// What is being done.
  public let stage: Stage
  /// The type that the weights are rounded to; float32 while they are downloaded and checked.
  public var weights: WeightPrecision {
    if case .reading(let weights) = stage { weights } else { .float32 }
  }

  /// Creates the progress of reading weights.
  public init(bytes: Int, totalBytes: Int, weights: WeightPrecision = .float32) {
    self.init(bytes: bytes, totalBytes: totalBytes, stage: .reading(weights))
  }

  /// Creates a progress.
  public init(bytes: Int, totalBytes: Int, stage: Stage) {
    (self.bytes, self.totalBytes, self.stage) = (bytes, totalBytes, stage)
  }

  /// `checking the weights: 34 of 143 MB`, `starting opencl, ...`, `reading and packing the weights: 34 of 143 MB` or
  /// `downloading: 34 of 143 MB, 12 MB/s, 9 s left`, in units of 1,000,000 bytes.
  public var text: String {
    let amount = "\(bytes / 1_000_000) of \((totalBytes + 999_999) / 1_000_000) MB"
    switch stage {
    case .downloading(let rate?, let left?):
      let (rate, left) = ((rate / 1e6).rounded(), min(left, 359_999).rounded(.up))
      let time = left < 60 ? "\(Int(left)) s" : left < 3600 ? "\(Int(left) / 60) min" : "\(Int(left) / 3600) h"
      return "downloading: \(amount), \(Int(min(rate, 1e9))) MB/s, \(time) left"
    case .downloading: return "downloading: \(amount)"
    case .checking: return "checking the weights: \(amount)"
    case .starting(let device): return "starting \(device), which compiles its kernels the first time"
    case .reading(.float32): return "reading and packing the weights: \(amount)"
    case .reading(let weights): return "reading, rounding to \(weights.rawValue) and packing the weights: \(amount)"
    }
  }
}
