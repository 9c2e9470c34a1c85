import TensorKernels

/// Two linear layers with a gated GELU between them (`diffusers.FeedForward` with `geglu`), around a residual
/// connection.
package struct FeedForward: Sendable {
  private let activationName: String
  private let input: Convolution
  private let output: Convolution
  private let innerChannels: Int

  /// Reads `name.net.0.proj` and `name.net.2`; between them there are four times the channels.
  package init(_ name: String, channels: Int, from reader: ParameterReader) throws {
    activationName = "\(name).net.0.gelu"
    innerChannels = 4 * channels
    input = try Convolution(linear: ["\(name).net.0.proj"], channels, 2 * innerChannels, from: reader)
    output = try Convolution(linear: ["\(name).net.2"], innerChannels, channels, from: reader)
  }

  /// Applies it to normalised feature maps, and adds the residual.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ normalized: FeatureMap, residual: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    let gated = try Activation.gelu(
      input(normalized, in: context), isGated: true, as: activationName, in: context)
    var epilogue = Convolution.Epilogue()
    epilogue.residual = residual
    return try output(gated, epilogue: epilogue, in: context)
  }
}

extension FeedForward: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    var shape = self.input.describe(input, in: &description)
    shape.channels = innerChannels
    description.add(activationName, kind: "GEGLU", shape, parameters: 0, flops: .product(5, shape.count))
    return output.describe(shape, in: &description)
  }
}

/// Two attentions and a feed-forward layer, each behind a layer norm and around a residual connection
/// (`diffusers.BasicTransformerBlock`).
package struct BasicTransformerBlock: Sendable {
  private let norm1: LayerNorm
  private let attention1: CrossAttention
  private let norm2: LayerNorm
  private let attention2: CrossAttention
  private let norm3: LayerNorm
  private let feedForward: FeedForward

  /// Reads the block's parameters.
  ///
  /// - Parameters:
  ///   - heads: The number of heads, a divisor of the channels.
  ///   - textChannels: The channels of the text that the second attention attends to.
  ///   - onlyCrossAttention: Whether the first attends to the text too, and not to the pixels.
  package init(
    _ name: String, channels: Int, heads: Int, textChannels: Int, onlyCrossAttention: Bool,
    from reader: ParameterReader
  ) throws {
    norm1 = try LayerNorm("\(name).norm1", channels: channels, from: reader)
    attention1 = try CrossAttention(
      "\(name).attn1", channels: channels, heads: heads, textChannels: onlyCrossAttention ? textChannels : nil,
      from: reader)
    norm2 = try LayerNorm("\(name).norm2", channels: channels, from: reader)
    attention2 = try CrossAttention(
      "\(name).attn2", channels: channels, heads: heads, textChannels: textChannels, from: reader)
    norm3 = try LayerNorm("\(name).norm3", channels: channels, from: reader)
    feedForward = try FeedForward("\(name).ff", channels: channels, from: reader)
  }

  /// Applies the block to feature maps and a text, a map of height 1 with a column for each token.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, text: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    var hidden = try attention1(norm1(input, in: context), text: text, residual: input, in: context)
    hidden = try attention2(norm2(hidden, in: context), text: text, residual: hidden, in: context)
    return try feedForward(norm3(hidden, in: context), residual: hidden, in: context)
  }
}

extension BasicTransformerBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    var shape = attention1.describe(norm1.describe(input, in: &description), in: &description)
    shape = attention2.describe(norm2.describe(shape, in: &description), in: &description)
    return feedForward.describe(norm3.describe(shape, in: &description), in: &description)
  }
}

/// Transformer blocks over the pixels of an image, between two projections, around a residual connection
/// (`diffusers.Transformer2DModel` over continuous inputs).
package struct Transformer2D: Sendable {
  /// What the transformers of a level have in common.
  package struct Shape: Sendable {
    /// The number of transformer blocks.
    package var depth: Int
    /// The number of attention heads. Where they do not divide the channels, the blocks have fewer channels.
    package var heads: Int
    /// The channels of the text.
    package var textChannels: Int
    /// Whether both attentions of a block attend to the text.
    package var onlyCrossAttention: Bool
    /// Whether the projections are linear layers and not 1x1 convolutions: only the shape of their weights differs.
    package var linearProjection: Bool
    /// The number of groups of the norm.
    package var groups: Int
  }

  package let name: String
  private let norm: GroupNorm
  private let input: Convolution
  private let blocks: [BasicTransformerBlock]
  private let output: Convolution

  /// Reads the parameters of its norm, its projections and its blocks.
  package init(_ name: String, channels: Int, shape: Shape, from reader: ParameterReader) throws {
    func projection(_ name: String, _ inputs: Int, _ outputs: Int) throws -> Convolution {
      shape.linearProjection
        ? try Convolution(linear: [name], inputs, outputs, from: reader)
        : try Convolution(name, inputs, outputs, kernel: 1, from: reader)
    }
    let inner = channels / shape.heads * shape.heads
    self.name = name
    norm = try GroupNorm("\(name).norm", channels: channels, groups: shape.groups, epsilon: 1e-6, from: reader)
    input = try projection("\(name).proj_in", channels, inner)
    blocks = try (0..<shape.depth).map { index in
      try BasicTransformerBlock(
        "\(name).transformer_blocks.\(index)", channels: inner, heads: shape.heads, textChannels: shape.textChannels,
        onlyCrossAttention: shape.onlyCrossAttention, from: reader)
    }
    output = try projection("\(name).proj_out", inner, channels)
  }

  /// Applies it to feature maps and a text, a map of height 1 with a column for each token.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, text: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    var hidden = try self.input(norm(input, silu: false, in: context), in: context)
    for block in blocks { hidden = try block(hidden, text: text, in: context) }
    var epilogue = Convolution.Epilogue()
    epilogue.residual = input
    return try output(hidden, epilogue: epilogue, in: context)
  }
}

extension Transformer2D: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    var shape = self.input.describe(norm.describe(input, in: &description), in: &description)
    for block in blocks { shape = block.describe(shape, in: &description) }
    return output.describe(shape, in: &description)
  }
}
