/// Channels of maps, put side by side in another map, or one behind the other. Every element is copied as it is.
package struct PlacementOperation: Sendable {
  /// What is put where.
  package struct Part: Sendable {
    /// The first of the channels that are read.
    package let input: ChannelRange
    /// The number of channels.
    package let channels: Int
    /// The size at which the input is read: each pixel is the nearest one (``PlacementOperation/nearest(from:to:)``).
    package let height: Int
    package let width: Int
    /// The pixel of each image of the input that is read; 0 unless the size is one pixel.
    package let pixel: Int
    /// The first of the output's channels that are written.
    package let firstChannel: Int
    /// The first of the pixels of each image of the output that are written; the others follow row by row.
    package let firstPixel: Int

    /// Creates a part; what is left out is all of the input, at the beginning of the output.
    package init(
      _ input: ChannelRange, channels: Int? = nil, height: Int? = nil, width: Int? = nil, pixel: Int = 0,
      firstChannel: Int = 0, firstPixel: Int = 0
    ) {
      (self.input, self.channels) = (input, channels ?? input.map.channels - input.first)
      (self.height, self.width) = (height ?? input.map.height, width ?? input.map.width)
      (self.pixel, self.firstChannel, self.firstPixel) = (pixel, firstChannel, firstPixel)
    }
  }

  /// The parts, which together write every element once.
  package let parts: [Part]
  package let output: FeatureMap

  package init(_ parts: [Part], output: FeatureMap) { (self.parts, self.output) = (parts, output) }

  /// The place that each of `count` places reads of `size`, with the rounding of PyTorch
  /// (`torch.nn.functional.interpolate`, mode `nearest`).
  package static func nearest(from size: Int, to count: Int) -> [Int] {
    guard count != size else { return Array(0..<count) }
    let scale = Float(size) / Float(count)
    return (0..<count).map { place in
      count == 2 * size ? place / 2 : min(Int(Float(place) * scale), size - 1)
    }
  }
}

/// x * factor + term, the product and the sum each rounded by itself: a pixel of x reads that of the other two, smaller
/// maps, to which it belongs.
package struct SpatialModulationOperation: Sendable {
  package let input: FeatureMap
  /// As many channels as the input has.
  package let factor: FeatureMap
  /// As large as the factor.
  package let term: FeatureMap
  package let output: FeatureMap

  package init(_ input: FeatureMap, factor: FeatureMap, term: FeatureMap, output: FeatureMap) {
    (self.input, self.factor, self.term, self.output) = (input, factor, term, output)
  }
}

/// The sum of two maps of one size.
package struct SumOperation: Sendable {
  package let first: FeatureMap
  package let second: FeatureMap
  package let output: FeatureMap

  package init(_ first: FeatureMap, _ second: FeatureMap, output: FeatureMap) {
    (self.first, self.second, self.output) = (first, second, output)
  }
}

/// The vector y of a codebook that is nearest to the channels x of a pixel: the first of those with the smallest
/// distance, or the first whose distance is NaN. The output is x + (y - x).
package struct QuantizationOperation: Sendable {
  /// `[count][channels]`
  package let codebook: any DeviceBuffer
  package let input: FeatureMap
  /// The squared distances of some pixels, `[pixels][count]`; nil for the sums of squared differences, each a chain of
  /// fused multiply-adds.
  package var squares: FeatureMap?
  /// The first of those pixels, counted through all images.
  package var first = 0
  package let output: FeatureMap
  /// The index of the vector of each pixel, as the bits of an element.
  package let codes: FeatureMap

  package init(codebook: any DeviceBuffer, input: FeatureMap, output: FeatureMap, codes: FeatureMap) {
    (self.codebook, self.input, self.output, self.codes) = (codebook, input, output, codes)
  }

  /// The number of vectors.
  package var count: Int { codebook.count / input.channels }

  /// The number of pixels that are quantized.
  package var pixels: Int { squares?.pixels ?? input.batch * input.pixels }
}

extension PlacementOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    var written = 0
    for part in parts {
      precondition(part.input.first + part.channels <= part.input.map.channels, "a placement got too few channels")
      precondition(
        part.input.map.batch == output.batch && part.firstChannel + part.channels <= output.channels
          && part.firstPixel + part.height * part.width <= output.pixels, "a placement got an output of the wrong shape"
      )
      precondition(
        part.pixel == 0 || part.height * part.width == 1 && part.pixel < part.input.map.pixels, "a pixel is not there")
      written += output.batch * part.height * part.width * part.channels
    }
    precondition(written == output.buffer.count, "a placement leaves elements unwritten")
  }
}

extension SpatialModulationOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(input.buffer.count == output.buffer.count, "a modulation got an output of the wrong shape")
    precondition(
      factor.batch == input.batch && factor.channels == input.channels && factor.buffer.count == term.buffer.count,
      "a modulation got factors of the wrong shape")
  }
}

extension SumOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(
      first.buffer.count == second.buffer.count && first.buffer.count == output.buffer.count,
      "a sum got maps of different sizes")
  }
}

extension QuantizationOperation {
  /// Traps if the operands do not fit each other.
  package func requireFit() {
    precondition(codebook.count == count * input.channels && count > 0, "a codebook does not fit its vectors")
    precondition(
      output.buffer.count == input.buffer.count && codes.buffer.count == input.batch * input.pixels,
      "a quantization got an output of the wrong shape")
    precondition(squares.map { $0.batch == 1 && $0.channels == count } ?? true, "distances do not fit the codebook")
    precondition(first + pixels <= input.batch * input.pixels, "there are more distances than pixels")
  }
}
