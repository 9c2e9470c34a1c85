/// A model's layers in the order they run.
public struct ModelDescription: Sendable, Equatable {
  /// The layers.
  public private(set) var layers: [LayerDescription] = []

  /// All parameters.
  public var parameterCount: Int { layers.reduce(0) { $0 + $1.parameterCount } }

  /// Floating-point operations of one forward pass of one image, a fused multiply-add counted as two.
  public var flops: Int { layers.reduce(0) { $0 + $1.flops } }

  mutating func add(_ name: String, kind: String, _ output: FeatureShape, parameters: Int, flops: Int) {
    layers.append(
      LayerDescription(
        name: name, kind: kind, outputShape: [output.channels, output.height, output.width], parameterCount: parameters,
        flops: flops))
  }
}
