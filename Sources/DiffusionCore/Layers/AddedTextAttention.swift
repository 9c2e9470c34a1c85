import TensorKernels

/// Attention of the pixels of an image to a text and to each other at once, around a residual connection
/// (`diffusers.Attention` with `added_kv_proj_dim`, as unCLIP's blocks use it).
package struct AddedTextAttention: Sendable {
  /// What the attentions of a level have in common.
  package struct Shape: Sendable {
    /// The channels of a head, a divisor of the channels.
    package var headChannels: Int
    /// The channels of the text.
    package var textChannels: Int
    /// The number of groups of the norm.
    package var groups: Int
    /// Whether pixels attend to the text alone.
    package var onlyCrossAttention: Bool
  }

  package let name: String
  /// The name in reports of the part between the projections.
  private let coreName: String
  private let norm: GroupNorm
  /// Queries, keys and values of the pixels, side by side; queries alone where pixels attend to the text alone.
  private let pixelProjection: Convolution
  /// Keys and values of the text, side by side.
  private let textProjection: Convolution
  private let output: Convolution
  private let channels: Int
  private let shape: Shape

  /// Reads the layer's parameters.
  package init(_ name: String, channels: Int, shape: Shape, from reader: ParameterReader) throws {
    (self.name, coreName) = (name, "\(name).attention")
    (self.channels, self.shape) = (channels, shape)
    norm = try GroupNorm("\(name).group_norm", channels: channels, groups: shape.groups, epsilon: 1e-5, from: reader)
    let parts = shape.onlyCrossAttention ? ["q"] : ["q", "k", "v"]
    pixelProjection = try Convolution(
      linear: parts.map { "\(name).to_\($0)" }, as: "\(name).to_\(parts.joined())", channels, channels, from: reader)
    textProjection = try Convolution(
      linear: ["k", "v"].map { "\(name).add_\($0)_proj" }, as: "\(name).add_kv_proj", shape.textChannels, channels,
      from: reader)
    output = try Convolution(linear: ["\(name).to_out.0"], channels, channels, from: reader)
  }

  /// Applies attention to feature maps.
  ///
  /// - Parameter text: The text, a map of height 1 with a column for each token.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, text: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    let pixels = try pixelProjection(norm(input, silu: false, in: context), in: context)
    let tokens = try textProjection(text, in: context)
    let keyValue = shape.onlyCrossAttention ? tokens : try joined(tokens, pixels, in: context)
    let attended = try context.output(
      of: coreName, batch: input.batch, height: input.height, width: input.width, channels: channels)
    let operation = AttentionOperation(
      heads: channels / shape.headChannels, scale: 1 / Float(shape.headChannels).squareRoot(),
      query: ChannelRange(pixels), key: ChannelRange(keyValue), value: ChannelRange(keyValue, from: channels),
      output: attended)
    try context.run(LayerWork(coreName, operation), of: coreName, output: attended) {
      try $0.attention(operation, check: context.check)
    }
    var epilogue = Convolution.Epilogue()
    epilogue.residual = input
    return try output(attended, epilogue: epilogue, in: context)
  }

  /// Keys and values of the tokens, then those of the pixels, which stand behind the queries.
  private func joined(
    _ tokens: FeatureMap, _ pixels: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    let width = tokens.width + pixels.pixels, row = 2 * channels
    let map = try context.output(of: coreName, batch: tokens.batch, height: 1, width: width, channels: row)
    let parts: [PlacementOperation.Part] = [
      .init(ChannelRange(tokens)), .init(ChannelRange(pixels, from: channels), firstPixel: tokens.width),
    ]
    try context.naming(coreName) { try context.backend.place(PlacementOperation(parts, output: map)) }
    return map
  }
}

extension AddedTextAttention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    _ = pixelProjection.describe(norm.describe(input, in: &description), in: &description)
    let text = FeatureShape(channels: shape.textChannels, height: 1, width: description.tokens)
    _ = textProjection.describe(text, in: &description)
    let pixels = Int.product(input.height, input.width)
    let keys = shape.onlyCrossAttention ? description.tokens : .sum(of: [description.tokens, pixels])
    description.add(
      coreName, kind: "Attention", input, parameters: 0, flops: .product(4, pixels, keys, channels))
    return output.describe(input, in: &description)
  }
}
