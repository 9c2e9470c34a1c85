import DiffusionCore

/// A request of `bench`.
public struct BenchRequest: Sendable {
  /// The model.
  public let model: ModelReference
  /// The number of images in a forward pass.
  public let batchSize: Int
  /// The height of an image in pixels; nil for the model's own.
  public let height: Int?
  /// The width, likewise.
  public let width: Int?
  /// The device to compute on.
  public let device: Device
  /// The number of threads.
  public let threads: Int
  /// The number of forward passes to measure.
  public let repeats: Int
  /// Whether to measure the screen instead of the model.
  public let measuresScreen: Bool
  /// The format of the output.
  public let format: GenerateRequest.Format
}
