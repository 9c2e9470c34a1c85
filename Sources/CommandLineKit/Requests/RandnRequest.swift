import DiffusionCore

/// A request of `randn`, read and checked.
public struct RandnRequest: Sendable {
  /// The shape of the tensor.
  public let shape: TensorShape
  /// The generator's seed, or that of each of a list of generators, which draw one image each.
  public let seeds: [Seed]
  /// The device whose generator draws.
  public let generatorDevice: GeneratorDevice
  /// The card whose CUDA noise is drawn, in words.
  public let card: String
  /// The same device with the numbers of the card.
  public let device: Generator.Device
  /// The element type.
  public let dtype: DType
  /// The number of tensors drawn; the last one is shown.
  public let calls: Int
  /// The `.npy` file to write, if any.
  public let output: String?
}
