import TensorKernels

/// Layer normalisation over the channels of each pixel or token (Ba et al. 2016, arXiv 1607.06450;
/// `torch.nn.LayerNorm`).
package struct LayerNorm: Sendable {
  private let name: String
  private let channels: Int
  private let epsilon: Float
  private let gamma: any DeviceBuffer
  private let beta: any DeviceBuffer
  private let parameterCount: Int

  /// Reads `name.weight` and `name.bias`.
  package init(_ name: String, channels: Int, epsilon: Double = 1e-5, from reader: ParameterReader) throws {
    self.name = name
    self.channels = channels
    self.epsilon = Float(epsilon)
    gamma = try reader.constant("\(name).weight", [channels])
    beta = try reader.constant("\(name).bias", [channels])
    parameterCount = 2 * channels
  }

  /// Creates a norm without parameters (`elementwise_affine=False`).
  package init(plain name: String, channels: Int, epsilon: Double, from reader: ParameterReader) throws {
    (self.name, self.channels, self.epsilon, parameterCount) = (name, channels, Float(epsilon), 0)
    gamma = try reader.constant(Array(repeating: 1, count: channels), of: name)
    beta = try reader.constant(Array(repeating: 0, count: channels), of: name)
  }

  /// Normalises the channels of each pixel.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(_ input: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    precondition(input.channels == channels, "\(name) got the wrong number of channels")
    let output = try context.output(
      of: name, batch: input.batch, height: input.height, width: input.width, channels: channels)
    let operation = LayerNormOperation(epsilon: epsilon, gamma: gamma, beta: beta, input: input, output: output)
    try context.run(LayerWork(name, operation), of: name, output: output) { try $0.layerNorm(operation) }
    return output
  }
}

extension LayerNorm: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    description.add(name, kind: "LayerNorm", input, parameters: parameterCount, flops: .product(8, input.count))
    return input
  }
}

extension Activation {
  /// Applies the function to feature maps.
  ///
  /// - Parameters:
  ///   - isGated: Whether it applies to the second half of the channels, which then multiplies the first.
  ///   - name: The layer's name in reports.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, isGated: Bool = false, as name: String, in context: ComputeContext
  ) throws -> FeatureMap {
    let output = try context.output(
      of: name, batch: input.batch, height: input.height, width: input.width,
      channels: isGated ? input.channels / 2 : input.channels)
    let operation = ActivationOperation(self, isGated: isGated, input: input, output: output)
    try context.run(LayerWork(name, operation), of: name, output: output) { try $0.activation(operation) }
    return output
  }
}

extension Activation {
  /// Its name in descriptions.
  private var kind: String {
    switch self {
    case .silu: "SiLU"
    case .gelu: "GELU"
    case .quickGELU: "QuickGELU"
    case .mish: "Mish"
    case .relu: "ReLU"
    case .tanhGELU: "tanh GELU"
    }
  }

  /// Adds it to a description, applied to each element by itself.
  ///
  /// - Parameter name: The layer's name in reports.
  func describe(_ input: FeatureShape, as name: String, in description: inout ModelDescription) {
    description.add(name, kind: kind, input, parameters: 0, flops: .product(4, input.count))
  }
}
