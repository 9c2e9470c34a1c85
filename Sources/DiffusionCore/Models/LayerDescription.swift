/// One layer of a model, as `inspect` shows it.
public struct LayerDescription: Sendable, Equatable {
  /// Its name in the weights: `down_blocks.0.resnets.1.conv1`.
  public let name: String
  /// PyTorch's name of its kind: `Conv2d`, `Linear`, `GroupNorm`, or `Attention` for the part between the projections.
  public let kind: String
  /// The shape of its output for one image: `[channels, height, width]`.
  public let outputShape: [Int]
  /// How many parameters it has.
  public let parameterCount: Int
  /// Floating-point operations for one image, a fused multiply-add counted as two.
  public let flops: Int
}
