import TensorKernels

/// A codebook, and the search for the vector in it that is nearest to a latent's channels (`diffusers.VectorQuantizer`;
/// van den Oord et al. 2017, arXiv 1711.00937).
package struct VectorQuantizer: Sendable {
  package let name: String
  /// The number of vectors.
  private let count: Int
  /// The elements of a vector.
  private let dimension: Int
  /// `[count][dimension]`
  private let codebook: [Float]
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
    let rows = (0..<count).flatMap { code -> [Float] in
      let vector = codebook[code * dimension..<(code + 1) * dimension]
      return vector + [1, Self.square(vector)]
    }
    squares = try Convolution(
      name: name, weights: rows, bias: nil,
      shape: ConvolutionShape(inputChannels: dimension + 2, outputChannels: count, kernel: 1),
      context: reader.context)
  }

  /// Finds the nearest vectors.
  ///
  /// - Parameter latents: `[batch, dimension, height, width]`.
  /// - Returns: Their indices, image by image and row by row, the first of several that are equally near.
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func codes(of latents: Tensor<Float>, in context: ComputeContext) throws -> [Int] {
    var context = context
    // Distances are no layer's output.
    context.observer = nil
    let vectors = latents.channelsLast(), pixels = latents.shape[2] * latents.shape[3]
    if pixels <= Self.fewest, count <= Self.fewest {
      return stride(from: 0, to: vectors.count, by: dimension).map { nearest(to: vectors[$0..<$0 + dimension]) }
    }
    let rows = min(max(1, Self.distancesAtOnce / count), vectors.count / dimension)
    return try stride(from: 0, to: vectors.count, by: rows * dimension).flatMap { first in
      try codes(of: vectors[first..<min(first + rows * dimension, vectors.count)], in: context)
    }
  }

  private func codes(of vectors: ArraySlice<Float>, in context: ComputeContext) throws -> [Int] {
    let rows = stride(from: vectors.startIndex, to: vectors.endIndex, by: dimension).flatMap { first -> [Float] in
      let vector = vectors[first..<first + dimension]
      return vector.map { -2 * $0 } + [Self.square(vector), 1]
    }
    let input = try context.output(
      of: name, batch: 1, height: 1, width: vectors.count / dimension, channels: dimension + 2)
    try context.backend.upload(rows, to: input.buffer)
    let squares = try context.backend.download(squares(input, in: context).buffer)
    return stride(from: 0, to: squares.count, by: count).map { first in
      Self.smallestRoot(squares[first..<first + count])
    }
  }

  /// The index of the first of the smallest square roots, or of the first NaN. Below 0 is 0.
  private static func smallestRoot(_ squares: some Collection<Float>) -> Int {
    var smallest = Float.infinity, bound = Float.infinity, place = 0
    for (index, square) in squares.enumerated() where !(square >= bound) {
      guard !square.isNaN else { return index }
      let root = max(square, 0).squareRoot()
      // A smaller square may have the same root.
      if root < smallest { (smallest, place) = (root, index) }
      bound = square
    }
    return place
  }

  /// The index of the nearest vector, by the sums of squared differences.
  private func nearest(to vector: ArraySlice<Float>) -> Int {
    Self.smallestRoot(
      (0..<count).map { code in
        zip(vector, codebook[code * dimension..<(code + 1) * dimension]).reduce(0) { sum, pair in
          let difference = pair.0 - pair.1
          return sum.addingProduct(difference, difference)
        }
      })
  }

  /// The sum of squares, each rounded by itself.
  private static func square(_ vector: ArraySlice<Float>) -> Float { vector.reduce(0) { $0 + $1 * $1 } }

  /// The latents as decoders get them: x + (y - x) for the vector y of each latent x, as Diffusers writes it for its
  /// gradients, so that a last bit may differ from y.
  func quantized(_ latents: Tensor<Float>, codes: [Int]) -> Tensor<Float> {
    let vectors = self.vectors(codes, shape: latents.shape)
    return Tensor(
      unchecked: latents.shape, zip(latents.scalars, vectors.scalars).map { own, code in own + (code - own) })
  }

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
