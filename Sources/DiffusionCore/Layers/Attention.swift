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
  private let channels: Int
  private let heads: Int
  private let divisor: Float

  /// Reads the layer's parameters.
  ///
  /// - Parameters:
  ///   - heads: The number of heads, a divisor of the channels.
  ///   - groups: The number of groups of the norm before it; nil for no norm.
  ///   - epsilon: The value that the norm adds to the variance.
  ///   - divisor: The value that the sum with the residual is divided by (`rescale_output_factor`).
  package init(
    _ name: String, channels: Int, heads: Int, groups: Int?, epsilon: Double, divisor: Double = 1,
    from reader: ParameterReader
  ) throws {
    self.name = name
    coreName = "\(name).attention"
    self.channels = channels
    self.heads = heads
    self.divisor = Float(divisor)
    norm = try groups.map {
      try GroupNorm("\(name).group_norm", channels: channels, groups: $0, epsilon: epsilon, from: reader)
    }
    queryKeyValue = try Convolution(
      linear: ["\(name).to_q", "\(name).to_k", "\(name).to_v"], as: "\(name).to_qkv", channels, channels, from: reader)
    output = try Convolution(linear: ["\(name).to_out.0"], channels, channels, from: reader)
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
      channels: channels)
    let operation = AttentionOperation(
      heads: heads, scale: 1 / Float(channels / heads).squareRoot(), queryKeyValue: queryKeyValue, output: attended)
    try context.run(LayerWork(coreName, operation), of: coreName, output: attended) { try $0.attention(operation) }
    return attended
  }
}

extension Attention: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    if let norm { _ = norm.describe(input, in: &description) }
    _ = queryKeyValue.describe(input, in: &description)
    let pixels = Int.product(input.height, input.width)
    description.add(
      coreName, kind: "Attention", input, parameters: 0, flops: .product(4, pixels, pixels, channels))
    return output.describe(input, in: &description)
  }
}
