import DiffusionCore

/// What `randn` was asked for, read and checked.
public struct RandnRequest: Sendable {
  /// The tensor's extents.
  public let shape: TensorShape
  /// The generator's seed.
  public let seed: Seed
  /// The device whose generator draws.
  public let generatorDevice: GeneratorDevice
  /// Multiprocessors of the card whose CUDA noise is drawn.
  public let multiprocessors: Int
  /// The element type.
  public let dtype: DType
  /// How many tensors are drawn; the last one is shown.
  public let calls: Int
  /// The `.npy` file to write, if any.
  public let output: String?
}
