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

  /// Reads `name.weight` and `name.bias`.
  package init(_ name: String, channels: Int, groups: Int, epsilon: Double, from reader: ParameterReader) throws {
    self.name = name
    self.channels = channels
    self.groups = groups
    self.epsilon = Float(epsilon)
    gamma = try reader.constant("\(name).weight", [channels])
    beta = try reader.constant("\(name).bias", [channels])
  }

  /// Normalises feature maps, or the concatenation of two along their channels.
  ///
  /// - Parameters:
  ///   - time: Scale and shift, `[batch][2 * channels]`: the result is multiplied by 1 + scale, and shift is added.
  ///   - silu: Whether SiLU comes last.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, time: FeatureMap? = nil, silu: Bool,
    in context: ComputeContext
  ) throws -> FeatureMap {
    precondition(input.channels + (second?.channels ?? 0) == channels, "\(name) got the wrong number of channels")
    let output = try context.output(
      of: name, batch: input.batch, height: input.height, width: input.width, channels: channels)
    var operation = GroupNormOperation(
      groups: groups, epsilon: epsilon, gamma: gamma, beta: beta, input: input, output: output)
    (operation.second, operation.time, operation.silu) = (second, time, silu)
    let ready = operation
    try context.run(LayerWork(name, ready), of: name, output: output) { try $0.groupNorm(ready) }
    return output
  }
}

extension GroupNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let output = FeatureShape(channels: channels, height: input.height, width: input.width)
    description.add(name, kind: "GroupNorm", output, parameters: 2 * channels, flops: .product(8, output.count))
    return output
  }
}
