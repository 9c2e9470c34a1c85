import TensorKernels

/// The patches of an image as tokens, with the sines of their positions (`diffusers.PatchEmbed` with `sincos`).
package struct PatchEmbedding: Sendable {
  private let projection: Convolution
  private let patchSize: Int
  private let channels: Int
  /// The number of patches across, and down, of the images that it was trained on.
  private let side: Int
  /// The positions of the patches of such an image; nil if they are too many to be kept.
  private let trained: ParameterRows?

  /// The most elements of positions that are kept: of far larger images than any model was trained on.
  private static let mostKept = 1 << 24

  /// Reads `name.proj`.
  ///
  /// - Parameters:
  ///   - inputChannels: The channels of the image.
  ///   - channels: The channels of a token, a multiple of 4.
  ///   - patchSize: The pixels across, and down, of a patch.
  ///   - side: The patches across, and down, of the images that it was trained on.
  package init(
    _ name: String, inputChannels: Int, channels: Int, patchSize: Int, side: Int, from reader: ParameterReader
  ) throws {
    (self.patchSize, self.channels, self.side) = (patchSize, channels, side)
    projection = try Convolution(
      "\(name).proj", inputChannels, channels, kernel: patchSize, stride: patchSize, padding: 0, from: reader)
    trained =
      Int.product(side, side, channels) > Self.mostKept
      ? nil
      : ParameterRows(
        try reader.constant(of: name) { Self.positions(side, of: side, channels: channels) }, channels: channels)
  }

  /// The tokens of square images, a map with a pixel for each.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) if the device has no memory for it.
  package func callAsFunction(_ input: FeatureMap, in context: ComputeContext) throws -> FeatureMap {
    var epilogue = Convolution.Epilogue()
    epilogue.residual = try positions(input.height / patchSize, batch: input.batch, in: context)
    return try projection(input, epilogue: epilogue, in: context)
  }

  /// The positions of the tokens of images. Those of the usual size are on the device.
  private func positions(_ count: Int, batch: Int, in context: ComputeContext) throws -> FeatureMap {
    let name = "pos_embed"
    if count == side, let trained {
      let rows = try trained(Array(repeating: Array(0..<side * side), count: batch), of: name, in: context)
      return FeatureMap(batch: batch, height: side, width: side, channels: channels, sharing: rows.buffer)
    }
    let map = try context.output(of: name, batch: batch, height: count, width: count, channels: channels)
    let one = positions(count)
    try context.backend.upload((0..<batch).flatMap { _ in one }, to: map.buffer)
    return map
  }

  /// The positions of `count` x `count` tokens, `[count][count][channels]`: the sines and cosines of the column, then
  /// those of the row.
  package func positions(_ count: Int) -> [Float] { Self.positions(count, of: side, channels: channels) }

  private static func positions(_ count: Int, of side: Int, channels: Int) -> [Float] {
    let quarter = channels / 4, logarithm = DoubleMath.log(10_000)
    let frequencies = (0..<quarter).map { 1 / DoubleMath.exp(Double($0) / Double(quarter) * logarithm) }
    let rows = (0..<count).map { place -> [Float] in
      let scaled = count == side ? Float(place) : Float(place) / Float(Double(count) / Double(side))
      let angles = frequencies.map { Double(scaled) * $0 }
      return angles.map { Float(DoubleMath.sin($0)) } + angles.map { Float(DoubleMath.cos($0)) }
    }
    return rows.flatMap { row in rows.flatMap { $0 + row } }
  }
}

extension PatchEmbedding: DescribedLayer {
  package func describe(_ input: FeatureShape, in description: inout ModelDescription) -> FeatureShape {
    projection.describe(input, in: &description)
  }
}

extension FeatureMap {
  /// The images of tokens whose channels are the rows of a patch, then its columns, then the channels of the image:
  /// `[batch, channels, height * patchSize, width * patchSize]`.
  ///
  /// - Parameter kept: The number of channels to keep, from the first on.
  /// - Throws: What the device threw.
  package func image(patchSize: Int, keeping kept: Int, on backend: any Backend) throws -> Tensor<Float> {
    let elements = try backend.download(buffer), all = channels / (patchSize * patchSize)
    let (rows, columns) = (height * patchSize, width * patchSize)
    var scalars = [Float](repeating: 0, count: batch * kept * rows * columns)
    for image in 0..<batch {
      for channel in 0..<kept {
        let plane = (image * kept + channel) * rows * columns
        for row in 0..<rows {
          for column in 0..<columns {
            let token = (image * height + row / patchSize) * width + column / patchSize
            let place = (row % patchSize * patchSize + column % patchSize) * all + channel
            scalars[plane + row * columns + column] = elements[token * channels + place]
          }
        }
      }
    }
    return Tensor(unchecked: [batch, kept, rows, columns], scalars)
  }
}
