/// The algorithm of a convolution, which helps to determine the bits.
package enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// A chain of fused multiply-adds for each sum.
  case direct
  /// Winograd's F(2x2, 3x3), for kernels of 3x3 with a stride of 1.
  case winograd2x2 = "winograd 2x2"
  /// Winograd's F(4x4, 3x3), for the same.
  case winograd4x4 = "winograd 4x4"

  /// The side of a square of transformed weights; nil if they are not transformed.
  package var transformedSide: Int? {
    switch self {
    case .direct: nil
    case .winograd2x2: 4
    case .winograd4x4: 6
    }
  }
}

/// The parameters of a convolution with a square kernel, independent of its input.
package struct ConvolutionShape: Sendable, Equatable {
  package var inputChannels: Int
  package var outputChannels: Int
  /// The size of the kernel; 1 for a linear layer over the channels of each pixel.
  package var kernel: Int
  package var stride = 1
  /// Rows of zeros above, and columns to the left of the input.
  package var padding = 0
  /// Rows of zeros below, and columns to the right of it.
  package var trailingPadding = 0
  /// Whether the input is read as if each pixel were a square of four.
  package var upsample = false
  package var algorithm = ConvolutionAlgorithm.direct

  package init(inputChannels: Int, outputChannels: Int, kernel: Int) {
    (self.inputChannels, self.outputChannels, self.kernel) = (inputChannels, outputChannels, kernel)
  }

  /// The number of weights.
  package var weightCount: Int { .product(outputChannels, inputChannels, kernel, kernel) }

  /// The size of its output in pixels, for the size of an input.
  package func outputSize(height: Int, width: Int) -> (height: Int, width: Int) {
    let scale = upsample ? 2 : 1, border = padding + trailingPadding - kernel
    return ((height * scale + border) / stride + 1, (width * scale + border) / stride + 1)
  }
}

/// A convolution and its epilogue, the operations on each sum before it is written, in this order: plus the bias, plus
/// the time embedding, plus the residual, divided by the divisor, SiLU.
package struct ConvolutionOperation: Sendable {
  package let shape: ConvolutionShape
  /// The result of ``WeightPacker/packWeights(_:for:)`` for the same shape.
  package let weights: any DeviceBuffer
  /// `[outputChannels]`
  package let bias: any DeviceBuffer
  package let input: FeatureMap
  /// Channels that follow those of the input: a concatenation that is never materialised. Not for Winograd's
  /// algorithms.
  package var second: FeatureMap?
  /// Added to every pixel of an image: `[batch][outputChannels]`.
  package var time: FeatureMap?
  /// The first of the channels of `time` that are read, on a device that joins projections
  /// (``Backend/joinsProjections``); it may have more then.
  package var timeFirst = 0
  /// Added pixel by pixel; as large as the output.
  package var residual: FeatureMap?
  /// 1 leaves the sum unchanged.
  package var divisor: Float = 1
  package var silu = false
  package let output: FeatureMap

  package init(
    _ shape: ConvolutionShape, weights: any DeviceBuffer, bias: any DeviceBuffer, input: FeatureMap, output: FeatureMap
  ) {
    (self.shape, self.weights, self.bias, self.input, self.output) = (shape, weights, bias, input, output)
  }
}
