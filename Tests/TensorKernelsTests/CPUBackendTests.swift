import TensorKernels
import TestSupport
import Testing

@Suite("The processor's operations on whole maps")
struct CPUBackendTests {
  /// Every set of kernels of this processor, with a number of threads.
  private func backends() throws -> [(name: String, backend: CPUBackend)] {
    try kernelSets.flatMap { set in
      try [1, 3].map { ("\(set.name), \($0) threads", try #require(CPUBackend(kernels: set, threads: $0))) }
    }
  }

  private func oracle() throws -> CPUBackend { try #require(CPUBackend(kernels: ReferenceKernels(), threads: 1)) }

  private func map(
    _ channels: Int, height: Int = 9, width: Int = 6, random: inout SplitMix64, on backend: CPUBackend
  ) throws -> FeatureMap {
    let map = try FeatureMap(batch: 2, height: height, width: width, channels: channels, on: backend)
    backend.upload(random.floats(map.buffer.count), to: map.buffer)
    return map
  }

  private func bits(_ map: FeatureMap, on backend: CPUBackend) -> [UInt32] {
    backend.download(map.buffer).map(\.bitPattern)
  }

  private func convolution(_ algorithm: ConvolutionAlgorithm, kernel: Int, on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 5)
    let second = algorithm == .direct ? 5 : 0
    var shape = ConvolutionShape(inputChannels: 17 + second, outputChannels: 40, kernel: kernel)
    shape.algorithm = algorithm
    if kernel == 3 { (shape.padding, shape.trailingPadding, shape.upsample) = (1, 1, true) }
    let size = shape.outputSize(height: 9, width: 6), input = try map(17, random: &random, on: backend)
    let output = try FeatureMap(batch: 2, height: size.height, width: size.width, channels: 40, on: backend)
    var operation = ConvolutionOperation(
      shape, weights: try backend.packWeights(random.floats(shape.weightCount), for: shape),
      bias: try backend.constant(random.floats(40)), input: input, output: output)
    if second > 0 { operation.second = try map(second, random: &random, on: backend) }
    operation.time = try map(40, height: 1, width: 1, random: &random, on: backend)
    operation.residual = try map(40, height: size.height, width: size.width, random: &random, on: backend)
    (operation.divisor, operation.silu) = (1.7, true)
    try backend.convolution(operation)
    return bits(output, on: backend)
  }

  @Test(
    "Convolutions equal the oracle's",
    arguments: [(ConvolutionAlgorithm.direct, 1), (.direct, 3), (.winograd2x2, 3), (.winograd4x4, 3)])
  func convolutions(algorithm: ConvolutionAlgorithm, kernel: Int) throws {
    let expected = try convolution(algorithm, kernel: kernel, on: oracle())
    #expect(Set(expected).count > expected.count / 2)
    for (name, backend) in try backends() {
      #expect(try convolution(algorithm, kernel: kernel, on: backend) == expected, "\(name)")
    }
  }

  /// A convolution of a billion multiply-adds, or an attention of as many.
  private func long(_ algorithm: ConvolutionAlgorithm?, on backend: CPUBackend, check: CancellationCheck?) throws
    -> [Float]
  {
    var random = SplitMix64(seed: 5)
    guard let algorithm else {
      let output = try FeatureMap(batch: 1, height: 64, width: 64, channels: 32, on: backend)
      let input = try FeatureMap(batch: 1, height: 64, width: 64, channels: 96, on: backend)
      backend.upload(random.floats(input.buffer.count), to: input.buffer)
      try backend.attention(
        AttentionOperation(heads: 1, scale: 0.3, queryKeyValue: input, output: output), check: check)
      return backend.download(output.buffer)
    }
    var shape = ConvolutionShape(inputChannels: 64, outputChannels: 64, kernel: 3)
    (shape.algorithm, shape.padding, shape.trailingPadding) = (algorithm, 1, 1)
    let input = try FeatureMap(batch: 1, height: 170, width: 170, channels: 64, on: backend)
    backend.upload(random.floats(input.buffer.count), to: input.buffer)
    let output = try FeatureMap(batch: 1, height: 170, width: 170, channels: 64, on: backend)
    let operation = ConvolutionOperation(
      shape, weights: try backend.packWeights(random.floats(shape.weightCount), for: shape),
      bias: try backend.constant(random.floats(64)), input: input, output: output)
    try backend.convolution(operation, check: check)
    return backend.download(output.buffer)
  }

  @Test(
    "Long operations are stopped by a check that throws, and keep their bits with one that does not",
    arguments: [ConvolutionAlgorithm.direct, .winograd2x2, .winograd4x4, nil])
  func interrupted(algorithm: ConvolutionAlgorithm?) throws {
    let set = try #require(kernelSets.first)
    for threads in [1, 3] {
      let backend = try #require(CPUBackend(kernels: set, threads: threads))
      var checks = 0
      let checked = try long(algorithm, on: backend) { checks += 1 }
      // On a busy machine the other threads may do all the work before the caller's gets a range.
      #expect(checks > 0 || threads > 1)
      #expect(try long(algorithm, on: backend, check: nil).map(\.bitPattern) == checked.map(\.bitPattern))
      let isStopped = (0..<100).contains { _ in
        (try? long(algorithm, on: backend) { throw CancellationError() }) == nil
      }
      #expect(isStopped)
    }
  }

  private func groupNorm(on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 6)
    let output = try FeatureMap(batch: 2, height: 9, width: 6, channels: 24, on: backend)
    var operation = GroupNormOperation(
      groups: 4, epsilon: 1e-5, gamma: try backend.constant(random.floats(24)),
      beta: try backend.constant(random.floats(24)), input: try map(10, random: &random, on: backend), output: output)
    operation.second = try map(14, random: &random, on: backend)
    operation.time = try map(48, height: 1, width: 1, random: &random, on: backend)
    operation.silu = true
    backend.groupNorm(operation)
    return bits(output, on: backend)
  }

  @Test("Group norms equal the oracle's")
  func groupNorms() throws {
    let expected = try groupNorm(on: oracle())
    #expect(Set(expected).count > expected.count / 2)
    for (name, backend) in try backends() { #expect(try groupNorm(on: backend) == expected, "\(name)") }
  }

  private func attention(on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 7)
    let output = try FeatureMap(batch: 2, height: 9, width: 6, channels: 24, on: backend)
    try backend.attention(
      AttentionOperation(
        heads: 3, scale: 0.3, queryKeyValue: try map(72, random: &random, on: backend), output: output))
    return bits(output, on: backend)
  }

  @Test("Attention equals the oracle's")
  func attentions() throws {
    let expected = try attention(on: oracle())
    #expect(Set(expected).count > expected.count / 2)
    for (name, backend) in try backends() { #expect(try attention(on: backend) == expected, "\(name)") }
  }

  private func layerNorm(on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 8)
    let output = try FeatureMap(batch: 2, height: 9, width: 6, channels: 37, on: backend)
    backend.layerNorm(
      LayerNormOperation(
        epsilon: 1e-5, gamma: try backend.constant(random.floats(37)), beta: try backend.constant(random.floats(37)),
        input: try map(37, random: &random, on: backend), output: output))
    return bits(output, on: backend)
  }

  @Test("Layer norms equal the oracle's")
  func layerNorms() throws {
    let expected = try layerNorm(on: oracle())
    #expect(Set(expected).count > expected.count / 2)
    for (name, backend) in try backends() { #expect(try layerNorm(on: backend) == expected, "\(name)") }
  }

  private func activation(_ function: Activation, isGated: Bool, on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 9)
    let output = try FeatureMap(batch: 2, height: 9, width: 60, channels: 19, on: backend)
    let input = try map(isGated ? 38 : 19, width: 60, random: &random, on: backend)
    backend.activation(ActivationOperation(function, isGated: isGated, input: input, output: output))
    return bits(output, on: backend)
  }

  @Test("Activations equal the oracle's", arguments: Activation.allCases, [false, true])
  func activations(function: Activation, isGated: Bool) throws {
    let expected = try activation(function, isGated: isGated, on: oracle())
    // ReLU makes zeros of half of the values.
    #expect(Set(expected).count > expected.count / (function == .relu ? 3 : 2))
    for (name, backend) in try backends() {
      #expect(try activation(function, isGated: isGated, on: backend) == expected, "\(name)")
    }
  }

  private func crossAttention(isCausal: Bool, on backend: CPUBackend) throws -> [UInt32] {
    var random = SplitMix64(seed: 10)
    let output = try FeatureMap(batch: 2, height: 9, width: 6, channels: 24, on: backend)
    let query = ChannelRange(try map(30, random: &random, on: backend), from: 5)
    let tokens = try map(50, height: 1, width: 77, random: &random, on: backend)
    var operation = AttentionOperation(
      heads: 3, scale: 0.3, query: query, key: ChannelRange(tokens), value: ChannelRange(tokens, from: 25),
      output: output)
    operation.isCausal = isCausal
    try backend.attention(operation)
    return bits(output, on: backend)
  }

  @Test("Attention to other tokens equals the oracle's", arguments: [false, true])
  func crossAttentions(isCausal: Bool) throws {
    let expected = try crossAttention(isCausal: isCausal, on: oracle())
    #expect(Set(expected).count > expected.count / 2)
    for (name, backend) in try backends() {
      #expect(try crossAttention(isCausal: isCausal, on: backend) == expected, "\(name)")
    }
  }

  @Test("Attention over 4096 tokens holds the transposed keys, and for each thread the scores of 8 queries")
  func attentionWorkspace() throws {
    let allocator = LimitedAllocator(), set = try #require(kernelSets.first), threads = 2, channels = 8
    let backend = try #require(CPUBackend(kernels: set, threads: threads, allocator: allocator))
    let tokens = try FeatureMap(batch: 1, height: 64, width: 64, channels: 3 * channels, on: backend)
    let output = try FeatureMap(batch: 1, height: 64, width: 64, channels: channels, on: backend)
    backend.upload([Float](repeating: 0.5, count: tokens.buffer.count), to: tokens.buffer)
    let before = allocator.bytesInUse
    try backend.attention(AttentionOperation(heads: 2, scale: 1, queryKeyValue: tokens, output: output))
    let elements = 4096 * channels + threads * 8 * 4096, slack = 2 * 64
    #expect(allocator.bytesInUse - before == (elements + slack) * MemoryLayout<Float>.stride)
    #expect(backend.download(output.buffer).allSatisfy { $0 == 0.5 })
  }

  @Test("Uploaded elements are downloaded unchanged")
  func upAndDown() throws {
    let backend = try oracle(), buffer = try backend.buffer(count: 3)
    backend.upload([1, -0.0, .infinity], to: buffer)
    #expect(backend.download(buffer).map(\.bitPattern) == [Float(1), -0.0, .infinity].map(\.bitPattern))
    #expect(backend.download(try backend.constant([])) == [])
  }

  @Test("No threads, no backend", arguments: [0, -1, 1 << 20])
  func noThreads(threads: Int) {
    #expect(CPUBackend(kernels: ReferenceKernels(), threads: threads) == nil)
  }
}
