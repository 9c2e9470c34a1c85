import CTensorKernels

/// What a layer has to do in one forward pass, as a benchmark counts it.
package struct LayerWork: Sendable, Equatable {
  /// What layers have in common whose times are told together.
  package enum Kind: String, Sendable, CaseIterable {
    case convolution = "conv 3x3"
    /// With a stride of 2.
    case downsampling = "conv 3x3 stride 2"
    /// Of an image that is read as if each pixel were a square of four.
    case upsampling = "conv 3x3 up"
    /// A 1x1 convolution, or a linear layer over the channels of each pixel.
    case pointwise = "conv 1x1"
    /// A linear layer over one vector for each image, as those of the time embedding are.
    case linear = "linear"
    case groupNorm = "group norm"
    case attention = "attention"
  }

  /// Its name in the weights, and `.attention` for the part of an attention between its projections.
  package let name: String
  package let kind: Kind
  /// How a convolution's sums are computed: `direct`, `winograd 4x4`; nil for what is no convolution of 3x3.
  package let algorithm: String?
  /// The shape of its output, `[batch, channels, height, width]`.
  package let outputShape: [Int]
  /// Floating-point operations that the definition of the layer has, a fused multiply-add counted as two. Winograd's algorithms
  /// need fewer, so that a layer may seem to do more than the machine can.
  package let flops: Int
  /// Bytes of the weights as the algorithm has them, of the inputs and of the output, each counted once.
  package let bytes: Int

  /// Makes the account of a layer.
  package init(name: String, kind: Kind, algorithm: String?, outputShape: [Int], flops: Int, bytes: Int) {
    self.name = name
    self.kind = kind
    self.algorithm = algorithm
    self.outputShape = outputShape
    self.flops = flops
    self.bytes = bytes
  }
}

extension LayerWork {
  init(_ name: String, _ problem: ctk_convolution) {
    let batch = Int(problem.batch), outputs = Int(problem.output_channels), taps = Int(problem.kernel * problem.kernel)
    let inputs = Int(problem.input_channels + problem.input2_channels)
    let pixels = Int(problem.output_height * problem.output_width)
    let inputPixels = Int(problem.input_height * problem.input_width)
    let isDirect = problem.algorithm == ctk_direct
    let winograd = Int(ctk_winograd_size(problem.algorithm))
    let weights = (isDirect ? taps : winograd * winograd) * inputs * outputs
    let images = inputs * inputPixels + (problem.residual == nil ? 1 : 2) * outputs * pixels
    self.init(
      name: name, kind: Kind(problem),
      algorithm: problem.kernel == 1 ? nil : isDirect ? "direct" : "winograd \(winograd - 2)x\(winograd - 2)",
      outputShape: [batch, outputs, Int(problem.output_height), Int(problem.output_width)],
      flops: 2 * batch * pixels * outputs * inputs * taps, bytes: Self.bytes(weights + outputs + batch * images))
  }

  init(_ name: String, _ problem: ctk_group_norm, height: Int, width: Int) {
    let batch = Int(problem.batch), channels = Int(problem.input_channels + problem.input2_channels)
    let elements = batch * channels * height * width
    self.init(
      name: name, kind: .groupNorm, algorithm: nil, outputShape: [batch, channels, height, width],
      flops: 8 * elements, bytes: Self.bytes(2 * elements + 2 * channels))
  }

  init(_ name: String, _ problem: ctk_attention, height: Int, width: Int) {
    let batch = Int(problem.batch), channels = Int(problem.heads * problem.head_dim), length = Int(problem.length)
    self.init(
      name: name, kind: .attention, algorithm: nil, outputShape: [batch, channels, height, width],
      flops: 4 * batch * length * length * channels, bytes: Self.bytes(4 * batch * length * channels))
  }

  private static func bytes(_ elements: Int) -> Int { elements * MemoryLayout<Float>.stride }
}

extension LayerWork.Kind {
  fileprivate init(_ problem: ctk_convolution) {
    if problem.kernel == 1 {
      self = problem.output_height * problem.output_width == 1 ? .linear : .pointwise
    } else if problem.upsample {
      self = .upsampling
    } else {
      self = problem.stride > 1 ? .downsampling : .convolution
    }
  }
}
