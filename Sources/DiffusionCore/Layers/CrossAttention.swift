import TensorKernels

/// Attention of the pixels of an image to a text, or to each other, around a residual connection
/// (`diffusers.Attention`, as transformer blocks use it).
package struct CrossAttention: Sendable {
  /// The linear layers in front of it, which have no bias.
  private enum Projections {
    /// Queries, keys and values of the pixels, side by side.
    case pixels(Convolution)
    /// Queries of the pixels; keys and values of the text, side by side.
    case text(query: Convolution, keyValue: Convolution)
  }

  /// The name in reports of the part between the projections.
  private let coreName: String
  private let projections: Projections
  private let output: Convolution
  private let channels: Int
  private let heads: Int

  /// Reads the layer's parameters.
  ///
  /// - Parameters:
  ///   - channels: The channels of the pixels.
  ///   - heads: The number of heads, a divisor of the channels.
  ///   - textChannels: The channels of the text; nil for attention of the pixels to each other.
  package init(_ name: String, channels: Int, heads: Int, textChannels: Int?, from reader: ParameterReader) throws {
    coreName = "\(name).attention"
    (self.channels, self.heads) = (channels, heads)
    let (query, key, value) = ("\(name).to_q", "\(name).to_k", "\(name).to_v")
    if let textChannels {
      projections = .text(
        query: try Convolution(linear: [query], channels, channels, hasBias: false, from: reader),
        keyValue: try Convolution(
          linear: [key, value], as: "\(name).to_kv", textChannels, channels, hasBias: false, from: reader))
    } else {
      projections = .pixels(
        try Convolution(
          linear: [query, key, value], as: "\(name).to_qkv", channels, channels, hasBias: false, from: reader))
    }
    output = try Convolution(linear: ["\(name).to_out.0"], channels, channels, from: reader)
  }

  /// Applies attention to normalised feature maps, and adds the residual.
  ///
  /// - Parameter text: The text, a map of height 1 with a column for each token.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, text: FeatureMap, residual: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    var epilogue = Convolution.Epilogue()
    epilogue.residual = residual
    return try output(attend(input, text: text, in: context), epilogue: epilogue, in: context)
  }

  private func attend(_ input: FeatureMap, text: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let query: ChannelRange, keyValue: ChannelRange
    switch projections {
    case .pixels(let projection):
      let projected = try projection(input, in: context)
      (query, keyValue) = (ChannelRange(projected), ChannelRange(projected, from: channels))
    case .text(let queryProjection, let keyValueProjection):
      query = ChannelRange(try queryProjection(input, in: context))
      keyValue = ChannelRange(try keyValueProjection(text, in: context))
    }
    let attended = try context.output(
      of: coreName, batch: input.batch, height: input.height, width: input.width, channels: channels)
    let operation = AttentionOperation(
      heads: heads, scale: 1 / Float(channels / heads).squareRoot(), query: query, key: keyValue,
      value: ChannelRange(keyValue.map, from: keyValue.first + channels), output: attended)
    try context.run(LayerWork(coreName, operation), of: coreName, output: attended) {
      try $0.attention(operation, check: context.check)
    }
    if case .text = projections { try context.attentionObserver?(coreName, operation) }
    return attended
  }
}

extension CrossAttention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let pixels = Int.product(input.height, input.width), keys: Int
    switch projections {
    case .pixels(let projection):
      _ = projection.describe(input, in: &description)
      keys = pixels
    case .text(let query, let keyValue):
      _ = query.describe(input, in: &description)
      let text = FeatureShape(channels: 0, height: 1, width: description.tokens)
      _ = keyValue.describe(text, in: &description)
      keys = description.tokens
    }
    let attended = FeatureShape(channels: channels, height: input.height, width: input.width)
    description.add(
      coreName, kind: "Attention", attended, parameters: 0, flops: .product(4, pixels, keys, channels))
    return output.describe(attended, in: &description)
  }
}
