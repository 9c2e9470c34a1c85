import TensorKernels

/// An operation of random extents on random elements. Its seed is all that it needs to be repeated.
package struct RandomOperation: Sendable, CustomStringConvertible {
  /// What is computed.
  package enum Kind: String, Sendable, CaseIterable {
    case convolution, few, winograd2x2, winograd4x4, groupNorm, layerNorm, activation, resampling, scale, gate
    case attention, causal, placement, spatial, sum, quantization, joinedNorm
  }

  package let kind: Kind
  package let seed: UInt64

  /// Creates an operation.
  package init(kind: Kind, seed: UInt64) { (self.kind, self.seed) = (kind, seed) }

  package var description: String { "\(kind.rawValue) \(seed)" }

  /// Performs it on a device; the bits of its output.
  package func run(on backend: any Backend) throws -> [UInt32] {
    var maker = Maker(random: OperationRandom(seed: seed &* 31 &+ 7), backend: backend)
    backend.begin(use: [Int(seed)])
    let output: FeatureMap
    switch kind {
    case .convolution: output = try maker.convolution(.direct)
    case .few: output = try maker.convolution(.direct, isSmall: true)
    case .winograd2x2: output = try maker.convolution(.winograd2x2)
    case .winograd4x4: output = try maker.convolution(.winograd4x4)
    case .groupNorm: output = try maker.groupNorm()
    case .layerNorm: output = try maker.layerNorm()
    case .activation: output = try maker.activation()
    case .resampling: output = try maker.resampling()
    case .scale: output = try maker.modulation(isGate: false)
    case .gate: output = try maker.modulation(isGate: true)
    case .attention: output = try maker.attention(isCausal: false)
    case .causal: output = try maker.attention(isCausal: true)
    case .placement: output = try maker.placement()
    case .spatial: output = try maker.spatialModulation()
    case .sum: output = try maker.sum()
    case .quantization: output = try maker.quantization()
    case .joinedNorm: output = try maker.joinedNorm()
    }
    return try backend.download(output.buffer).map(\.bitPattern)
  }
}

/// Draws operands.
package struct Maker {
  /// What elements are like.
  package enum Flavour: CaseIterable {
    /// From -1 to 1.
    case plain
    /// About as small as denormals, so that results are denormal too.
    case tiny
    /// Of any exponent.
    case wide
    /// From -1 to 1, with infinities, NaN, zeros of both signs and denormals among them.
    case awkward
  }

  package var random: OperationRandom
  package let backend: any Backend
  package private(set) var flavour: Flavour

  /// Creates a maker of operands on a device.
  package init(random: OperationRandom, backend: any Backend) {
    self.backend = backend
    self.random = random
    flavour = .plain
    flavour = Flavour.allCases.randomElement(using: &self.random) ?? .plain
  }

  mutating func integer(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }
  mutating func chance() -> Bool { Bool.random(using: &random) }

  mutating func element() -> Float {
    let x = Float.random(in: -1...1, using: &random)
    switch flavour {
    case .plain: return x
    case .tiny: return x * 0x1p-126
    case .wide: return x * Float(sign: .plus, exponent: integer(-120...120), significand: 1)
    case .awkward:
      let awkward: [Float] = [.nan, .infinity, -.infinity, 0, -0, .leastNonzeroMagnitude, -0x1.8p-130, 0x1.8p127]
      return integer(0...199) == 0 ? awkward[integer(0...awkward.count - 1)] : x
    }
  }

  mutating func elements(_ count: Int) -> [Float] { (0..<count).map { _ in element() } }

  /// Parameters are finite: files with others are refused.
  mutating func parameters(_ count: Int) -> [Float] {
    (0..<count).map { _ in Float.random(in: -1...1, using: &random) }
  }

  /// A map of random elements.
  package mutating func map(_ batch: Int, _ height: Int, _ width: Int, _ channels: Int) throws -> FeatureMap {
    let map = try FeatureMap(batch: batch, height: height, width: width, channels: channels, on: backend)
    try backend.upload(elements(map.buffer.count), to: map.buffer)
    return map
  }

  /// A map that is not yet written.
  package func output(_ batch: Int, _ height: Int, _ width: Int, _ channels: Int) throws -> FeatureMap {
    try FeatureMap(batch: batch, height: height, width: width, channels: channels, on: backend)
  }

  /// Random parameters.
  package mutating func constant(_ count: Int) throws -> any DeviceBuffer { try backend.constant(parameters(count)) }
}

extension Maker {
  mutating func convolution(_ algorithm: ConvolutionAlgorithm, isSmall: Bool = false) throws -> FeatureMap {
    let batch = integer(1...3), height = integer(isSmall ? 1...3 : 4...17), width = integer(isSmall ? 1...2 : 1...17)
    let channels = [1, 3, 5, 16, 31, 33, 64, 70][integer(0...7)], hasSecond = algorithm == .direct && chance()
    let input = try map(isSmall ? 1 : batch, height, width, channels)
    let second = hasSecond ? try map(input.batch, height, width, integer(1...40)) : nil
    var shape = ConvolutionShape(
      inputChannels: channels + (second?.channels ?? 0),
      outputChannels: [1, 3, 15, 16, 17, 32, 48, 50, 65][integer(0...8)],
      kernel: algorithm != .direct || chance() ? 3 : 1)
    shape.algorithm = algorithm
    (shape.padding, shape.trailingPadding) = (shape.kernel / 2, shape.kernel / 2)
    shape.upsample = shape.kernel == 3 && chance()
    if algorithm == .direct && shape.kernel == 3 && !shape.upsample && height > 1 && width > 1 && chance() {
      (shape.stride, shape.padding) = (2, integer(0...1))
    }
    let size = shape.outputSize(height: height, width: width)
    let output = try output(input.batch, size.height, size.width, shape.outputChannels)
    var operation = ConvolutionOperation(
      shape, weights: try backend.packWeights(parameters(shape.weightCount), for: shape),
      bias: try constant(shape.outputChannels), input: input, output: output)
    operation.second = second
    if chance() { operation.time = try map(input.batch, 1, 1, shape.outputChannels) }
    if chance() { operation.residual = try map(output.batch, output.height, output.width, output.channels) }
    (operation.divisor, operation.silu) = (chance() ? 1 : 1.4142135, chance())
    try backend.convolution(operation)
    return output
  }

  mutating func groupNorm() throws -> FeatureMap {
    let groups = [1, 2, 3, 4, 8, 32][integer(0...5)], channels = groups * integer(1...5)
    let hasSecond = channels > 1 && chance(), first = hasSecond ? integer(1...channels - 1) : channels
    let height = integer(1...40), width = [1, 2, 7, 32, 64][integer(0...4)], batch = integer(1...2)
    let input = try map(batch, height, width, first)
    let output = try output(batch, height, width, channels)
    var operation = GroupNormOperation(
      groups: groups, epsilon: 1e-5, gamma: try constant(channels), beta: try constant(channels), input: input,
      output: output)
    if hasSecond { operation.second = try map(batch, height, width, channels - first) }
    if chance() { operation.time = try map(batch, 1, 1, 2 * channels) }
    operation.silu = chance()
    try backend.groupNorm(operation)
    return output
  }

  mutating func layerNorm() throws -> FeatureMap {
    let input = try map(integer(1...3), integer(1...9), integer(1...9), integer(1...90))
    let output = try output(input.batch, input.height, input.width, input.channels)
    try backend.layerNorm(
      LayerNormOperation(
        epsilon: 1e-5, gamma: try constant(input.channels), beta: try constant(input.channels), input: input,
        output: output))
    return output
  }

  mutating func activation() throws -> FeatureMap {
    let isGated = chance(), channels = integer(1...40)
    let function = Activation.allCases.randomElement(using: &random) ?? .silu
    let input = try map(integer(1...3), integer(1...9), integer(1...9), isGated ? 2 * channels : channels)
    // Of functions all of the range matters, not only where layers usually are.
    let scale = Float(integer(1...30))
    try backend.upload(elements(input.buffer.count).map { $0 * scale }, to: input.buffer)
    let output = try output(input.batch, input.height, input.width, channels)
    try backend.activation(ActivationOperation(function, isGated: isGated, input: input, output: output))
    return output
  }

  mutating func resampling() throws -> FeatureMap {
    var resampling = Resampling(Resampling.Kind.allCases.randomElement(using: &random) ?? .nearest)
    resampling.reflects = chance()
    let input = try map(integer(1...3), integer(2...11), integer(2...11), integer(1...20))
    let size = resampling.outputSize(height: input.height, width: input.width)
    let output = try output(input.batch, size.height, size.width, input.channels)
    try backend.resample(ResamplingOperation(resampling, input: input, output: output))
    return output
  }

  mutating func modulation(isGate: Bool) throws -> FeatureMap {
    let input = try map(integer(1...3), integer(1...7), integer(1...7), integer(1...40))
    let vectors = try map(input.batch, 1, 1, 3 * input.channels + 2)
    let factor = ChannelRange(vectors, from: integer(0...input.channels)), output: FeatureMap
    output = try self.output(input.batch, input.height, input.width, input.channels)
    let kind: ModulationOperation.Kind =
      isGate
      ? .gate(factor, residual: try map(input.batch, input.height, input.width, input.channels))
      : .scale(factor, shift: ChannelRange(vectors, from: input.channels + integer(0...input.channels)))
    try backend.modulation(ModulationOperation(kind, input: input, output: output))
    return output
  }

  mutating func attention(isCausal: Bool) throws -> FeatureMap {
    let heads = integer(1...4), channels = heads * [1, 4, 5, 16, 33, 70][integer(0...5)], batch = integer(1...2)
    let queries = integer(1...80), isShared = chance(), keys = isShared ? queries : integer(1...90)
    let query = try map(batch, 1, queries, (isShared ? 3 : 1) * channels)
    let key = isShared ? query : try map(batch, keys, 1, 2 * channels + 3)
    let output = try output(batch, 1, queries, channels)
    var operation = AttentionOperation(
      heads: heads, scale: 0.25, query: ChannelRange(query), key: ChannelRange(key, from: isShared ? channels : 1),
      value: ChannelRange(key, from: isShared ? 2 * channels : channels + 3), output: output)
    operation.isCausal = isCausal
    try backend.attention(operation)
    return output
  }
}
