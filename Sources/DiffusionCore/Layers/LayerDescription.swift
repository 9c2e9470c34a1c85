import TensorKernels

/// A layer that can describe itself without computing.
package protocol DescribedLayer {
  /// Adds the layer's parts to a description, for an input of a shape, and returns the shape of the output.
  func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape
}

/// The shape of one image's feature maps between layers.
package struct FeatureShape: Sendable {
  package var channels: Int
  package var height: Int
  package var width: Int

  package init(channels: Int, height: Int, width: Int) {
    self.channels = channels
    self.height = height
    self.width = width
  }

  /// The number of elements of one image.
  package var count: Int { .product(channels, height, width) }
}

/// A layer of a model, as `inspect` shows it.
public struct LayerDescription: Sendable, Equatable {
  /// Its name in the weights: `down_blocks.0.resnets.1.conv1`.
  public let name: String
  /// Its kind in PyTorch: `Conv2d`, `Linear`, `GroupNorm`, or `Attention` for the part between the projections.
  public let kind: String
  /// The shape of its output for one image: `[channels, height, width]`.
  public let outputShape: [Int]
  /// The number of its parameters.
  public let parameterCount: Int
  /// Floating-point operations for one image; a fused multiply-add counts as two. `Int.max` stands for more.
  public let flops: Int
}

/// A model's layers in the order they run.
public struct ModelDescription: Sendable, Equatable {
  /// The layers.
  public private(set) var layers: [LayerDescription] = []
  /// The number of tokens of a text, for layers that attend to it.
  let tokens: Int

  init(tokens: Int = 0) { self.tokens = tokens }

  /// The number of parameters of all layers.
  public var parameterCount: Int { .sum(of: layers.map(\.parameterCount)) }

  /// Floating-point operations of one forward pass of one image; a fused multiply-add counts as two. `Int.max` stands
  /// for more.
  public var flops: Int { .sum(of: layers.map(\.flops)) }

  mutating func add(_ name: String, kind: String, _ output: FeatureShape, parameters: Int, flops: Int) {
    layers.append(
      LayerDescription(
        name: name, kind: kind, outputShape: [output.channels, output.height, output.width], parameterCount: parameters,
        flops: flops))
  }
}
