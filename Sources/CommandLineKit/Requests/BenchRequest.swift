import DiffusionCore

/// What `bench` was asked for.
public struct BenchRequest: Sendable {
  /// The model.
  public let model: ModelReference
  /// Images in a forward pass.
  public let batchSize: Int
  /// The device that computes.
  public let device: Device
  /// Threads that compute.
  public let threads: Int
  /// Forward passes to measure.
  public let repeats: Int
  /// Whether the screen is measured, and not the model.
  public let measuresScreen: Bool
  /// How to print what came out.
  public let format: GenerateRequest.Format
}
