import TensorKernels

/// A codebook, and the search for the vector in it that is nearest to a latent's channels (`diffusers.VectorQuantizer`;
/// van den Oord et al. 2017, arXiv 1711.00937).
package struct VectorQuantizer: Sendable {
  package let name: String
  /// The number of vectors.
  private let count: Int
  /// The elements of a vector.
  private let dimension: Int
  /// `[count][dimension]`, in the host's memory and in the device's.
  private let codebook: [Float]
  private let deviceCodebook: any DeviceBuffer
  /// The squared distances, as one linear layer: x to -2 x y + |x|^2 + |y|^2, for each vector y.
  private let squares: Convolution

  /// Up to this many latents of an image and this many vectors, distances are sums of squared differences
  /// (`torch.cdist`). Beyond, they come from the products, which are less work.
  private static let fewest = 25
  /// The distances that are in memory at once.
  private static let distancesAtOnce = 1 << 20

  /// Reads `name.embedding.weight`.
  package init(_ name: String, count: Int, dimension: Int, from reader: ParameterReader) throws {
    (self.name, self.count, self.dimension) = (name, count, dimension)
    let codebook = try reader.read("\(name).embedding.weight", [count, dimension])
    self.codebook = codebook
    deviceCodebook = try reader.constant(codebook, of: name)
    let rows = stride(from: 0, to: codebook.count, by: dimension).flatMap { first -> [Float] in
      let vector = codebook[first..<first + dimension]
      return vector + [1, Self.square(vector)]
    }
    squares = try Convolution(
      name: name, weights: rows, bias: nil,
      shape: ConvolutionShape(inputChannels: dimension + 2, outputChannels: count, kernel: 1),
      from: reader)
  }

  /// Finds the nearest vectors.
  ///
  /// - Parameter latents: `[batch, dimension, height, width]`.
  /// - Returns: The latents as decoders get them, x + (y - x) for the vector y of each latent x, as Diffusers writes it
  ///   for its gradients, so that a last bit may differ from y; and a map of one channel with the bits of each vector's
  ///   index, the first of several that are equally near.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(
    _ latents: Tensor<Float>, in context: ComputeContext
  ) throws -> (latents: FeatureMap, codes: FeatureMap) {
    var context = context
    // Distances are no layer's output.
    context.observer = nil
    let (input, output, codes) = try context.naming(name) {
      let input = try FeatureMap(latents, on: context.backend)
      func map(_ channels: Int) throws -> FeatureMap {
        try FeatureMap(
          batch: input.batch, height: input.height, width: input.width, channels: channels, on: context.backend)
      }
      return (input, try map(dimension), try map(1))
    }
    var operation = QuantizationOperation(codebook: deviceCodebook, input: input, output: output, codes: codes)
    if input.pixels <= Self.fewest, count <= Self.fewest {
      try context.naming(name) { try context.backend.quantize(operation) }
      return (output, codes)
    }
    let rows = try rows(of: latents, in: context), all = rows.width
    let most = min(max(1, Self.distancesAtOnce / count), all)
    for first in stride(from: 0, to: all, by: most) {
      let part = try part(of: rows, first..<min(first + most, all), in: context)
      (operation.first, operation.squares) = (first, try squares(part, in: context))
      let ready = operation
      try context.naming(name) { try context.backend.quantize(ready) }
    }
    return (output, codes)
  }

  /// What the squared distances are computed of: -2 x, |x|^2 and 1 for each latent x, as the pixels of one image.
  private func rows(of latents: Tensor<Float>, in context: ComputeContext) throws -> FeatureMap {
    let vectors = latents.channelsLast()
    let rows = stride(from: 0, to: vectors.count, by: dimension).flatMap { first -> [Float] in
      let vector = vectors[first..<first + dimension]
      return vector.map { -2 * $0 } + [Self.square(vector), 1]
    }
    let map = try context.output(
      of: name, batch: 1, height: 1, width: vectors.count / dimension, channels: dimension + 2)
    try context.backend.upload(rows, to: map.buffer)
    return map
  }

  /// Some of the pixels of one image.
  private func part(of rows: FeatureMap, _ pixels: Range<Int>, in context: ComputeContext) throws -> FeatureMap {
    guard pixels.count < rows.width else { return rows }
    let channels = rows.channels
    let part = try context.output(of: name, batch: 1, height: 1, width: pixels.count, channels: channels)
    // Pixels that follow each other are channels of one pixel.
    let source = FeatureMap(channels: rows.buffer.count, sharing: rows.buffer)
    let copied = PlacementOperation.Part(
      ChannelRange(source, from: pixels.lowerBound * channels), channels: part.buffer.count)
    let target = FeatureMap(channels: part.buffer.count, sharing: part.buffer)
    try context.naming(name) { try context.backend.place(PlacementOperation([copied], output: target)) }
    return part
  }

  /// The sum of squares, each rounded by itself.
  private static func square(_ vector: ArraySlice<Float>) -> Float { vector.reduce(0) { $0 + $1 * $1 } }

  /// The vectors of codes.
  ///
  /// - Parameters:
  ///   - codes: Indices below ``count``, image by image and row by row.
  ///   - shape: `[batch, dimension, height, width]`.
  func vectors(_ codes: [Int], shape: [Int]) -> Tensor<Float> {
    let pixels = shape[2] * shape[3]
    var scalars = [Float](repeating: 0, count: codes.count * dimension)
    for (index, code) in codes.enumerated() {
      let first = index / pixels * dimension * pixels + index % pixels
      for channel in 0..<dimension { scalars[first + channel * pixels] = codebook[code * dimension + channel] }
    }
    return Tensor(unchecked: shape, scalars)
  }
}

extension VectorQuantizer: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    description.add(
      name, kind: "VectorQuantizer", input, parameters: .product(count, dimension),
      flops: .product(2, count, dimension + 2, .product(input.height, input.width)))
    return input
  }
}

extension Tensor<Float> {
  /// `[batch, channels, height, width]` with the channels varying fastest.
  fileprivate func channelsLast() -> [Float] {
    let (channels, pixels) = (shape[1], shape[2] * shape[3])
    var elements = [Float](repeating: 0, count: count)
    for image in 0..<shape[0] {
      for channel in 0..<channels {
        let plane = (image * channels + channel) * pixels, first = image * pixels * channels + channel
        for pixel in 0..<pixels { elements[first + pixel * channels] = scalars[plane + pixel] }
      }
    }
    return elements
  }
}
