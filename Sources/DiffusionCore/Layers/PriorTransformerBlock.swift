import TensorKernels

/// Self-attention over tokens and two linear layers with GELU between them, each behind a layer norm and around a
/// residual connection (`diffusers.BasicTransformerBlock` without a second attention, as priors use it).
package struct PriorTransformerBlock: Sendable {
  package let name: String
  private let norm1, norm3: LayerNorm
  private let queryKeyValue, output: Convolution
  private let linear1, linear2: Convolution
  private let heads: Int

  /// Reads the block's parameters.
  ///
  /// - Parameters:
  ///   - channels: The channels of a token.
  ///   - heads: The number of heads, a divisor of the channels.
  package init(_ name: String, channels: Int, heads: Int, from reader: ParameterReader) throws {
    (self.name, self.heads) = (name, heads)
    norm1 = try LayerNorm("\(name).norm1", channels: channels, from: reader)
    queryKeyValue = try Convolution(
      linear: ["q", "k", "v"].map { "\(name).attn1.to_\($0)" }, as: "\(name).attn1.to_qkv", channels, channels,
      from: reader)
    output = try Convolution(linear: ["\(name).attn1.to_out.0"], channels, channels, from: reader)
    norm3 = try LayerNorm("\(name).norm3", channels: channels, from: reader)
    linear1 = try Convolution(linear: ["\(name).ff.net.0.proj"], channels, 4 * channels, from: reader)
    linear2 = try Convolution(linear: ["\(name).ff.net.2"], 4 * channels, channels, from: reader)
  }

  private var coreName: String { "\(name).attn1.attention" }
  private var activationName: String { "\(name).ff.net.0.activation" }

  /// Applies the block to tokens, maps of height 1.
  ///
  /// - Parameter isCausal: Whether a token attends to those up to its own place alone.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ input: FeatureMap, isCausal: Bool, in context: ComputeContext
  ) throws -> FeatureMap {
    var epilogue = Convolution.Epilogue()
    epilogue.residual = input
    let projected = try queryKeyValue(norm1(input, in: context), in: context)
    let attended = try attend(projected, isCausal: isCausal, in: context)
    let hidden = try output(attended, epilogue: epilogue, in: context)
    epilogue.residual = hidden
    let expanded = try linear1(norm3(hidden, in: context), in: context)
    return try linear2(
      Activation.gelu(expanded, as: activationName, in: context), epilogue: epilogue, in: context)
  }

  private func attend(
    _ queryKeyValue: FeatureMap, isCausal: Bool, in context: ComputeContext
  ) throws -> FeatureMap {
    let channels = queryKeyValue.channels / 3
    let attended = try context.output(
      of: coreName, batch: queryKeyValue.batch, height: 1, width: queryKeyValue.width, channels: channels)
    var operation = AttentionOperation(
      heads: heads, scale: 1 / Float(channels / heads).squareRoot(), queryKeyValue: queryKeyValue, output: attended)
    operation.isCausal = isCausal
    let ready = operation
    try context.run(LayerWork(coreName, ready), of: coreName, output: attended) {
      try $0.attention(ready, check: context.check)
    }
    return attended
  }
}

extension PriorTransformerBlock: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    _ = queryKeyValue.describe(norm1.describe(input, in: &description), in: &description)
    description.add(
      coreName, kind: "Attention", input, parameters: 0, flops: .product(4, input.width, input.count))
    _ = output.describe(input, in: &description)
    let expanded = linear1.describe(norm3.describe(input, in: &description), in: &description)
    Activation.gelu.describe(expanded, as: activationName, in: &description)
    return linear2.describe(expanded, in: &description)
  }
}
