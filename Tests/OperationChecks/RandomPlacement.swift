import TensorKernels

extension Maker {
  /// Two maps side by side, or one behind the other, or one map at another size.
  mutating func placement() throws -> FeatureMap {
    let input = try map(integer(1...3), integer(1...7), integer(1...7), integer(1...20))
    let first = integer(0...input.channels - 1), from = ChannelRange(input, from: first)
    let channels = input.channels - first, parts: [PlacementOperation.Part], output: FeatureMap
    switch integer(0...3) {
    case 0:
      let second = try map(input.batch, input.height, input.width, integer(1...20))
      output = try self.output(input.batch, input.height, input.width, channels + second.channels)
      parts = [.init(from), .init(ChannelRange(second), firstChannel: channels)]
    case 1:
      let second = try map(input.batch, 1, integer(1...9), channels)
      output = try self.output(input.batch, 1, input.pixels + second.width, channels)
      parts = [.init(ChannelRange(second)), .init(from, firstPixel: second.width)]
    case 2:
      output = try self.output(input.batch, 1, 1, channels)
      parts = [.init(from, height: 1, width: 1, pixel: integer(0...input.pixels - 1))]
    default:
      output = try self.output(input.batch, integer(1...19), integer(1...19), channels)
      parts = [.init(from, height: output.height, width: output.width)]
    }
    try backend.place(PlacementOperation(parts, output: output))
    return output
  }

  mutating func spatialModulation() throws -> FeatureMap {
    let factor = try map(integer(1...3), integer(1...5), integer(1...5), integer(1...20))
    let term = try map(factor.batch, factor.height, factor.width, factor.channels)
    let input = try map(
      factor.batch, factor.height * integer(1...4), factor.width * integer(1...4), factor.channels)
    let output = try output(input.batch, input.height, input.width, input.channels)
    try backend.spatialModulation(SpatialModulationOperation(input, factor: factor, term: term, output: output))
    return output
  }

  mutating func sum() throws -> FeatureMap {
    let first = try map(integer(1...3), integer(1...7), integer(1...7), integer(1...40))
    let second = try map(first.batch, first.height, first.width, first.channels)
    let output = try output(first.batch, first.height, first.width, first.channels)
    try backend.sum(SumOperation(first, second, output: output))
    return output
  }

  /// Of the codes and what they stand for, side by side.
  mutating func quantization() throws -> FeatureMap {
    let input = try map(integer(1...3), integer(1...6), integer(1...6), integer(1...8)), count = integer(1...70)
    let output = try output(input.batch, input.height, input.width, input.channels)
    let codes = try self.output(input.batch, input.height, input.width, 1)
    var operation = QuantizationOperation(
      codebook: try constant(count * input.channels), input: input, output: output, codes: codes)
    if chance() {
      let pixels = input.batch * input.pixels, part = integer(1...pixels)
      for first in stride(from: 0, to: pixels, by: part) {
        // Squares of which several have one root, and some that rounding made negative.
        let squares = try map(1, 1, min(part, pixels - first), count), isNear = chance()
        if isNear { try backend.upload(near(squares.buffer.count), to: squares.buffer) }
        (operation.first, operation.squares) = (first, squares)
        try backend.quantize(operation)
      }
    } else {
      try backend.quantize(operation)
    }
    let both = try self.output(input.batch, input.height, input.width, input.channels + 1)
    try backend.place(
      PlacementOperation(
        [.init(ChannelRange(output)), .init(ChannelRange(codes), firstChannel: input.channels)], output: both))
    return both
  }

  mutating func near(_ count: Int) -> [Float] {
    (0..<count).map { _ in integer(0...9) == 0 ? -0x1p-30 : Float(1).nextUp + Float(integer(0...4)) * 0x1p-23 }
  }

  /// A norm and the convolution by Winograd's algorithm that reads it, which a device may compute together.
  mutating func joinedNorm() throws -> FeatureMap {
    let groups = [1, 2, 4, 8][integer(0...3)], channels = groups * [1, 3, 4, 8][integer(0...3)], hasSecond = chance()
    let batch = integer(1...5), height = integer(4...17), width = integer(1...17), own = max(1, channels / 2)
    let input = try map(batch, height, width, hasSecond && channels > 1 ? own : channels)
    let normalized = try output(batch, height, width, channels)
    var norm = GroupNormOperation(
      groups: groups, epsilon: 1e-5, gamma: try constant(channels), beta: try constant(channels), input: input,
      output: normalized)
    if hasSecond && channels > 1 { norm.second = try map(batch, height, width, channels - own) }
    if chance() { norm.time = try map(batch, 1, 1, 2 * channels) }
    norm.silu = chance()
    try backend.groupNorm(norm)
    var shape = ConvolutionShape(
      inputChannels: channels, outputChannels: [1, 16, 17, 48][integer(0...3)], kernel: 3)
    (shape.padding, shape.trailingPadding, shape.upsample) = (1, 1, chance())
    shape.algorithm = chance() ? .winograd2x2 : .winograd4x4
    let size = shape.outputSize(height: height, width: width)
    let convolved = try output(batch, size.height, size.width, shape.outputChannels)
    try backend.convolution(
      ConvolutionOperation(
        shape, weights: try backend.packWeights(parameters(shape.weightCount), for: shape),
        bias: try constant(shape.outputChannels), input: normalized, output: convolved))
    // What was normalised is there as well.
    let small = try output(batch, 1, 1, channels), both = try output(batch, 1, 1, channels + shape.outputChannels)
    try backend.place(
      PlacementOperation(
        [.init(ChannelRange(normalized), height: 1, width: 1, pixel: height * width - 1)], output: small)
    )
    try backend.place(
      PlacementOperation(
        [
          .init(ChannelRange(small)),
          .init(
            ChannelRange(convolved), height: 1, width: 1, pixel: integer(0...size.height * size.width - 1),
            firstChannel: channels),
        ], output: both))
    return chance() ? both : convolved
  }
}
