import TensorKernels

/// The work of a layer in one forward pass, as a benchmark counts it.
public struct LayerWork: Sendable, Equatable {
  /// The kind of a layer, by which reports group layers.
  public enum Kind: String, Sendable, CaseIterable {
    /// A convolution with a kernel of 3 by 3.
    case convolution = "conv 3x3"
    /// With a stride of 2.
    case downsampling = "conv 3x3 stride 2"
    /// A convolution of an image read as if each pixel were a square of four.
    case upsampling = "conv 3x3 up"
    /// A convolution whose stride is as large as its kernel.
    case patches = "patches"
    /// A 1x1 convolution, or a linear layer over the channels of each pixel.
    case pointwise = "conv 1x1"
    /// A linear layer over one vector for each image, as in the time embedding.
    case linear = "linear"
    /// A norm over groups of channels.
    case groupNorm = "group norm"
    /// A norm over the features of a token.
    case layerNorm = "layer norm"
    /// A function of each element, such as SiLU.
    case activation = "activation"
    /// Scale and shift, or a gate and a residual, of a conditioned norm.
    case modulation = "modulation"
    /// The products of queries, keys and values.
    case attention = "attention"
    /// A change of height and width without weights.
    case resampling = "resampling"
  }

  /// Its name in the weights, with `.attention` for the part of an attention between its projections.
  public let name: String
  /// The kind by which reports group it.
  public let kind: Kind
  /// A convolution's algorithm: `direct`, `winograd 4x4`; nil for anything but a 3x3 convolution.
  public let algorithm: String?
  /// The shape of its output, `[batch, channels, height, width]`.
  public let outputShape: [Int]
  /// Floating-point operations by the definition of the layer; a fused multiply-add counts as two. Winograd's
  /// algorithms need fewer, so that a layer may seem to exceed the peak of the machine.
  public let flops: Int
  /// Bytes of the weights as the algorithm stores them, of the inputs and of the output, each counted once.
  public let bytes: Int

  /// Creates a record of a layer's work.
  public init(name: String, kind: Kind, algorithm: String?, outputShape: [Int], flops: Int, bytes: Int) {
    self.name = name
    self.kind = kind
    self.algorithm = algorithm
    self.outputShape = outputShape
    self.flops = flops
    self.bytes = bytes
  }
}

extension LayerWork {
  init(_ name: String, _ operation: ConvolutionOperation) {
    let (shape, input, output) = (operation.shape, operation.input, operation.output)
    let side = shape.algorithm.transformedSide ?? shape.kernel, pixels = output.pixels
    let images =
      shape.inputChannels * input.pixels + (operation.residual == nil ? 1 : 2) * shape.outputChannels * pixels
    let elements = (side * side * shape.inputChannels + 1) * shape.outputChannels + output.batch * images
    self.init(
      name: name, kind: Kind(operation), algorithm: shape.kernel == 1 ? nil : shape.algorithm.rawValue,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(2, output.batch, pixels, shape.weightCount), bytes: Self.bytes(elements))
  }

  init(_ name: String, _ operation: GroupNormOperation) {
    let output = operation.output, elements = output.buffer.count
    self.init(
      name: name, kind: .groupNorm, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(8, elements), bytes: Self.bytes(2 * elements + 2 * output.channels))
  }

  init(_ name: String, _ operation: LayerNormOperation) {
    let output = operation.output, elements = output.buffer.count
    self.init(
      name: name, kind: .layerNorm, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(8, elements), bytes: Self.bytes(2 * elements + 2 * output.channels))
  }

  /// A function counts as four operations, those of SiLU.
  init(_ name: String, _ operation: ActivationOperation) {
    let output = operation.output, elements = output.buffer.count
    self.init(
      name: name, kind: .activation, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(operation.isGated ? 5 : 4, elements),
      bytes: Self.bytes(operation.input.buffer.count + elements))
  }

  init(_ name: String, _ operation: ResamplingOperation) {
    let output = operation.output, elements = output.buffer.count, taps = operation.resampling.taps
    self.init(
      name: name, kind: .resampling, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(2, taps, taps, elements), bytes: Self.bytes(operation.input.buffer.count + elements))
  }

  init(_ name: String, _ operation: ModulationOperation) {
    let output = operation.output, elements = output.buffer.count
    var operands = 2
    if case .gate = operation.kind { operands = 3 }
    self.init(
      name: name, kind: .modulation, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(2, elements), bytes: Self.bytes(operands * elements))
  }

  init(_ name: String, _ operation: AttentionOperation) {
    let output = operation.output, elements = output.buffer.count, keys = operation.key.map.pixels
    let tokens = 2 * output.batch * keys * output.channels
    self.init(
      name: name, kind: .attention, algorithm: nil,
      outputShape: [output.batch, output.channels, output.height, output.width],
      flops: .product(4, elements, keys), bytes: Self.bytes(2 * elements + tokens))
  }

  private static func bytes(_ elements: Int) -> Int { elements * MemoryLayout<Float>.stride }
}

extension LayerWork.Kind {
  fileprivate init(_ operation: ConvolutionOperation) {
    if operation.shape.kernel == 1 {
      self = operation.output.pixels == 1 ? .linear : .pointwise
    } else if operation.shape.upsample {
      self = .upsampling
    } else if operation.shape.stride == operation.shape.kernel {
      self = .patches
    } else {
      self = operation.shape.stride > 1 ? .downsampling : .convolution
    }
  }
}
