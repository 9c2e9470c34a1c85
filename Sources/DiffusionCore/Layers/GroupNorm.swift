import TensorKernels

/// Group normalisation (Wu and He 2018, arXiv 1803.08494; `torch.nn.GroupNorm`), with the operations that follow it in
/// a residual block.
package struct GroupNorm: Sendable {
  private let name: String
  private let channels: Int
  private let groups: Int
  private let epsilon: Float
  private let gamma: any DeviceBuffer
  private let beta: any DeviceBuffer
  private let hasParameters: Bool

  /// Reads `name.weight` and `name.bias`.
  package init(_ name: String, channels: Int, groups: Int, epsilon: Double, from reader: ParameterReader) throws {
    self.name = name
    self.channels = channels
    self.groups = groups
    self.epsilon = Float(epsilon)
    gamma = try reader.constant("\(name).weight", [channels])
    beta = try reader.constant("\(name).bias", [channels])
    hasParameters = true
  }

  /// Creates a norm without parameters of its own, for scale and shift by the time embedding.
  package init(plain name: String, channels: Int, groups: Int, epsilon: Double, from reader: ParameterReader) throws {
    self.name = name
    self.channels = channels
    self.groups = groups
    self.epsilon = Float(epsilon)
    gamma = try reader.constant([Float](repeating: 1, count: channels), of: name)
    beta = try reader.constant([Float](repeating: 0, count: channels), of: name)
    hasParameters = false
  }

  /// Normalises feature maps, or the concatenation of two along their channels.
  ///
  /// - Parameters:
  ///   - time: Scale and shift, `[batch][2 * channels]`: the result is multiplied by 1 + scale, and shift is added.
  ///   - silu: Whether SiLU comes last.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: ChannelRange? = nil, silu: Bool,
    in context: ComputeContext
  ) throws -> FeatureMap {
    precondition(input.channels + (second?.channels ?? 0) == channels, "\(name) got the wrong number of channels")
    let output = try context.output(
      of: name, batch: input.batch, height: input.height, width: input.width, channels: channels)
    var operation = GroupNormOperation(
      groups: groups, epsilon: epsilon, gamma: gamma, beta: beta, input: input, output: output)
    (operation.second, operation.silu) = (second, silu)
    (operation.time, operation.timeFirst) = (time?.map, time?.first ?? 0)
    let ready = operation
    try context.run(LayerWork(name, ready), of: name, output: output) { try $0.groupNorm(ready) }
    return output
  }
}

extension GroupNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = FeatureShape(channels: channels, height: input.height, width: input.width)
    description.add(
      name, kind: "GroupNorm", output, parameters: hasParameters ? 2 * channels : 0,
      flops: .product(8, output.count))
    return output
  }
}

/// Group normalisation, scaled and shifted by a projection of the time embedding (`diffusers.AdaGroupNorm`).
package struct AdaptiveGroupNorm: Sendable {
  private let norm: GroupNorm
  private let projection: Convolution

  /// Reads `name.linear`.
  package init(
    _ name: String, channels: Int, groups: Int, epsilon: Double, timeChannels: Int, from reader: ParameterReader
  ) throws {
    projection = try Convolution(linear: ["\(name).linear"], timeChannels, 2 * channels, from: reader)
    norm = try GroupNorm(plain: name, channels: channels, groups: groups, epsilon: epsilon, from: reader)
  }

  /// Normalises feature maps, or the concatenation of two along their channels.
  ///
  /// - Parameters:
  ///   - time: The time embedding, `[batch][timeChannels]`.
  ///   - silu: Whether SiLU comes last.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: FeatureMap, silu: Bool,
    in context: ComputeContext
  ) throws -> FeatureMap {
    try norm(
      input, concatenated: second, time: ChannelRange(projection(time, in: context)), silu: silu, in: context)
  }
}

extension AdaptiveGroupNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    _ = projection.describe(FeatureShape(channels: 0, height: 1, width: 1), in: &description)
    return norm.describe(input, in: &description)
  }
}
