import TensorKernels

/// Self-attention over the pixels of an image, around a residual connection (`diffusers.Attention`, as the UNet's
/// blocks use it).
package struct Attention: Sendable {
  package let name: String
  /// The name in reports of the part between the projections.
  private let coreName: String
  private let norm: GroupNorm?
  private let queryKeyValue: Convolution
  private let output: Convolution
  /// The channels of all heads together.
  private let innerChannels: Int
  private let heads: Int
  private let divisor: Float

  /// Reads the layer's parameters.
  ///
  /// - Parameters:
  ///   - heads: The number of heads.
  ///   - headChannels: The channels of a head; nil for the channels divided by the heads.
  ///   - groups: The number of groups of the norm before it; nil for no norm.
  ///   - epsilon: The value that the norm adds to the variance.
  ///   - divisor: The value that the sum with the residual is divided by (`rescale_output_factor`).
  package init(
    _ name: String, channels: Int, heads: Int, headChannels: Int? = nil, groups: Int?, epsilon: Double = 0,
    divisor: Double = 1, from reader: ParameterReader
  ) throws {
    let inner = Int.product(heads, headChannels ?? channels / heads)
    self.name = name
    coreName = "\(name).attention"
    innerChannels = inner
    self.heads = heads
    self.divisor = Float(divisor)
    norm = try groups.map {
      try GroupNorm("\(name).group_norm", channels: channels, groups: $0, epsilon: epsilon, from: reader)
    }
    queryKeyValue = try Convolution(
      linear: ["\(name).to_q", "\(name).to_k", "\(name).to_v"], as: "\(name).to_qkv", channels, inner, from: reader)
    output = try Convolution(linear: ["\(name).to_out.0"], inner, channels, from: reader)
  }

  /// Applies attention to feature maps.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ input: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    try self(norm.map { try $0(input, silu: false, in: context) } ?? input, residual: input, in: context)
  }

  /// Applies attention to feature maps behind a norm of another kind.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ normalized: FeatureMap, residual: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    let attended = try attend(queryKeyValue(normalized, in: context), in: context)
    var epilogue = Convolution.Epilogue()
    epilogue.residual = residual
    epilogue.divisor = divisor
    return try output(attended, epilogue: epilogue, in: context)
  }

  private func attend(_ queryKeyValue: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    let attended = try context.output(
      of: coreName, batch: queryKeyValue.batch, height: queryKeyValue.height, width: queryKeyValue.width,
      channels: innerChannels)
    let operation = AttentionOperation(
      heads: heads, scale: 1 / Float(innerChannels / heads).squareRoot(), queryKeyValue: queryKeyValue, output: attended
    )
    try context.run(LayerWork(coreName, operation), of: coreName, output: attended) {
      try $0.attention(operation, check: context.check)
    }
    return attended
  }
}

extension Attention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    if let norm { _ = norm.describe(input, in: &description) }
    _ = queryKeyValue.describe(input, in: &description)
    let pixels = Int.product(input.height, input.width)
    let attended = FeatureShape(channels: innerChannels, height: input.height, width: input.width)
    description.add(
      coreName, kind: "Attention", attended, parameters: 0, flops: .product(4, pixels, pixels, innerChannels))
    return output.describe(input, in: &description)
  }
}

/// Self-attention behind adaptive norms, once or twice (`diffusers.KAttentionBlock` without a text).
package struct KAttentionBlock: Sendable {
  package let name: String
  private let parts: [(norm: AdaptiveGroupNorm, attention: Attention)]

  /// Reads the block's parameters.
  ///
  /// - Parameters:
  ///   - heads: The number of heads.
  ///   - headChannels: The channels of a head.
  ///   - timeChannels: The channels of the time embedding.
  ///   - attendsTwice: Whether it has `attn1` in front of `attn2`.
  package init(
    _ name: String, channels: Int, heads: Int, headChannels: Int, timeChannels: Int, attendsTwice: Bool,
    from reader: ParameterReader
  ) throws {
    self.name = name
    parts = try (attendsTwice ? [1, 2] : [2]).map { index in
      let norm = try AdaptiveGroupNorm(
        "\(name).norm\(index)", channels: channels, groups: Self.groups(channels: channels), epsilon: 1e-5,
        timeChannels: timeChannels, from: reader)
      let attention = try Attention(
        "\(name).attn\(index)", channels: channels, heads: heads, headChannels: headChannels, groups: nil,
        from: reader)
      return (norm, attention)
    }
    // A norm of the text, which is never there.
    reader.ignore("\(name).attn2.norm_cross.weight")
    reader.ignore("\(name).attn2.norm_cross.bias")
  }

  /// The number of groups of its norms.
  package static func groups(channels: Int) -> Int { max(1, channels / 32) }

  /// Applies it to feature maps.
  ///
  /// - Parameter time: The time embedding, `[batch][timeChannels]`.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, time: FeatureMap, in context: ComputeContext
  ) throws -> FeatureMap {
    try parts.reduce(input) { hidden, part in
      try part.attention(part.norm(hidden, time: time, silu: false, in: context), residual: hidden, in: context)
    }
  }
}

extension KAttentionBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    parts.reduce(input) { shape, part in
      part.attention.describe(part.norm.describe(shape, in: &description), in: &description)
    }
  }
}
