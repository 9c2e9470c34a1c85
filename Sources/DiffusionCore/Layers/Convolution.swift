import TensorKernels

/// A convolution with a square kernel (`torch.nn.Conv2d`), or a linear layer over the channels of each pixel
/// (`torch.nn.Linear`).
package struct Convolution: Sendable {
  /// The operations on a sum before it is written, in this order.
  package struct Epilogue {
    /// Added to every pixel of an image: `[batch][channels]`.
    package var time: ChannelRange?
    /// Added pixel by pixel.
    package var residual: FeatureMap?
    /// The divisor of the whole.
    package var divisor: Float = 1
    /// Whether SiLU comes last.
    package var silu = false

    package init() {}
  }

  let name: String
  private(set) var shape: ConvolutionShape
  private let weights: any DeviceBuffer
  private let bias: any DeviceBuffer
  private let hasBias: Bool

  /// Creates a convolution from weights `[outputChannels][inputChannels][kernel][kernel]` and a bias; nil stands for
  /// zeros.
  init(
    name: String, weights: [Float], bias: [Float]?, shape: ConvolutionShape, from reader: ParameterReader
  ) throws {
    self.name = name
    self.shape = shape
    hasBias = bias != nil
    self.weights = try reader.packed(weights, for: shape, of: name)
    self.bias = try reader.constant(bias ?? [Float](repeating: 0, count: shape.outputChannels), of: name)
  }

  /// The same convolution, of an image that is upsampled already.
  func withoutUpsampling() -> Convolution {
    var plain = self
    plain.shape.upsample = false
    return plain
  }

  /// Applies it to feature maps, or to the concatenation of two along their channels.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for the result.
  package func callAsFunction(
    _ input: FeatureMap, concatenated second: FeatureMap? = nil, epilogue: Epilogue = Epilogue(),
    in context: ComputeContext
  ) throws -> FeatureMap {
    precondition(
      input.channels + (second?.channels ?? 0) == shape.inputChannels, "\(name) got the wrong number of channels")
    let (height, width) = shape.outputSize(height: input.height, width: input.width)
    let output = try context.output(
      of: name, batch: input.batch, height: height, width: width, channels: shape.outputChannels)
    var operation = ConvolutionOperation(shape, weights: weights, bias: bias, input: input, output: output)
    (operation.second, operation.residual) = (second, epilogue.residual)
    (operation.time, operation.timeFirst) = (epilogue.time?.map, epilogue.time?.first ?? 0)
    (operation.divisor, operation.silu) = (epilogue.divisor, epilogue.silu)
    let ready = operation
    try context.run(LayerWork(name, ready), of: name, output: output) {
      try $0.convolution(ready, check: context.check)
    }
    return output
  }
}

extension Convolution {
  /// Reads `name.weight` and `name.bias`.
  ///
  /// - Parameters:
  ///   - kernel: The size of the kernel, an odd number; the image is padded with zeros to half of it.
  ///   - padding: Rows of zeros above and columns to the left of the image; nil for as many as below and to the right.
  ///   - upsample: Whether each pixel of the input stands for a square of four.
  ///   - hasBias: Whether there is `name.bias`; without one it is zero.
  ///   - level: The size of the output, which with the channels determines the algorithm.
  package init(
    _ name: String, _ inputChannels: Int, _ outputChannels: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int? = nil, upsample: Bool = false, hasBias: Bool = true, at level: LevelSize? = nil,
    from reader: ParameterReader
  ) throws {
    var shape = ConvolutionShape(inputChannels: inputChannels, outputChannels: outputChannels, kernel: kernel)
    (shape.stride, shape.upsample) = (stride, upsample)
    (shape.padding, shape.trailingPadding) = (padding ?? kernel / 2, kernel / 2)
    if let level { shape.chooseAlgorithm(at: level) }
    try self.init(
      name: name, weights: reader.read("\(name).weight", [outputChannels, inputChannels, kernel, kernel]),
      bias: hasBias ? reader.read("\(name).bias", [outputChannels]) : nil, shape: shape, from: reader)
  }

  /// Reads the weights of linear layers that share one input into one layer, outputs side by side.
  ///
  /// - Parameter hasBias: Whether the layers have a bias; without one it is zero.
  package init(
    linear names: [String], as name: String? = nil, _ inputFeatures: Int, _ outputFeatures: Int,
    hasBias: Bool = true, from reader: ParameterReader
  ) throws {
    try self.init(
      name: name ?? names.joined(separator: "+"),
      weights: names.flatMap { try reader.read("\($0).weight", [outputFeatures, inputFeatures]) },
      bias: hasBias ? names.flatMap { try reader.read("\($0).bias", [outputFeatures]) } : nil,
      shape: ConvolutionShape(
        inputChannels: inputFeatures, outputChannels: names.count * outputFeatures, kernel: 1),
      from: reader)
  }
}

extension Convolution: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    let (height, width) = shape.outputSize(height: input.height, width: input.width)
    let output = FeatureShape(channels: shape.outputChannels, height: height, width: width)
    description.add(
      name, kind: shape.kernel == 1 ? "Linear" : "Conv2d", output,
      parameters: .sum(of: [shape.weightCount, hasBias ? shape.outputChannels : 0]),
      flops: .product(2, shape.weightCount, height, width))
    return output
  }
}

/// The size, in pixels, of the feature maps of one level of a UNet.
package struct LevelSize: Sendable {
  package var height: Int
  package var width: Int
  /// Whether convolutions with many channels store no more than their weights, or little more.
  package var savesMemory = false

  /// Level `index` of a UNet for images of a size; 0 is the full size, and each level halves it.
  package init(_ index: Int, height: Int, width: Int) {
    self.height = height >> index
    self.width = width >> index
  }
}

extension ConvolutionShape {
  /// Chooses the algorithm from the layer's shape alone: the choice determines the bits, so it must not depend on the
  /// machine, the batch or the threads. Winograd's F(4x4, 3x3) needs a quarter of the multiplications and pays where
  /// there are enough tiles to hide the reading of its weights; F(2x2, 3x3) pays on smaller images. On the smallest,
  /// only the size of the weights matters, and direct convolution has the fewest. Where memory is to be saved, so it is
  /// with many channels: F(4x4, 3x3) stores four times the weights, and F(2x2, 3x3) 16 for 9.
  package mutating func chooseAlgorithm(at level: LevelSize) {
    let side = min(level.height, level.width)
    guard kernel == 3, stride == 1, padding == 1, min(inputChannels, outputChannels) >= 16, side >= 8 else { return }
    let pairs = level.savesMemory ? Int.product(inputChannels, outputChannels) : 0
    switch pairs {
    case ...(1 << 18): algorithm = side >= 16 ? .winograd4x4 : .winograd2x2
    case ...(1 << 21) where side >= 16: algorithm = .winograd2x2
    default: break
    }
  }
}
