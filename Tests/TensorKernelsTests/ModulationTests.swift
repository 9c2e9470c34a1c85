import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Modulation equals the scalar oracle bit for bit")
struct ModulationTests {
  static let cases: [(batch: Int, pixels: Int, channels: Int)] = [
    (1, 1, 1), (2, 3, 15), (1, 17, 16), (3, 7, 33), (2, 35, 100), (1, 64, 48),
  ]

  @Test(arguments: cases, [true, false])
  func equalsTheOracle(_ shape: (batch: Int, pixels: Int, channels: Int), isGate: Bool) throws {
    let expected = try run(shape, isGate, on: ReferenceKernels())
    #expect(Set(expected).count > expected.count / 2)
    for set in kernelSets { #expect(try run(shape, isGate, on: set) == expected, "\(set.name)") }
    #expect(try runByDefault(shape, isGate) == expected)
  }

  @Test("Awkward values take the same path", arguments: awkwardValues, [true, false])
  func awkwardValuesEqualTheOracle(value: Float, isGate: Bool) throws {
    for shape in [Self.cases[3], Self.cases[4]] {
      let expected = try run(shape, isGate, on: ReferenceKernels(), value: value)
      for set in kernelSets { #expect(try run(shape, isGate, on: set, value: value) == expected, "\(set.name)") }
      #expect(try runByDefault(shape, isGate, value: value) == expected)
    }
  }

  @Test("It is the fused product and sum of its image's vectors", arguments: [true, false])
  func isTheContract(isGate: Bool) throws {
    let shape = Self.cases[3], operands = operands(shape, isGate),
      found = try run(shape, isGate, on: ReferenceKernels())
    for index in found.indices {
      let channel = index % shape.channels, image = index / shape.channels / shape.pixels
      let factor = operands.vectors[image * 3 * shape.channels + shape.channels + channel]
      let term =
        isGate
        ? operands.residual[index] : operands.vectors[image * 3 * shape.channels + channel]
      let expected = term.addingProduct(operands.input[index], isGate ? factor : 1 + factor)
      #expect(found[index] == expected.bitPattern)
    }
  }

  /// The vectors are shift, factor and others, one after another for each image.
  private func operands(
    _ shape: (batch: Int, pixels: Int, channels: Int), _ isGate: Bool, value: Float? = nil
  ) -> (input: [Float], vectors: [Float], residual: [Float]) {
    var random = SplitMix64(seed: isGate ? 31 : 29)
    let count = shape.batch * shape.pixels * shape.channels
    return (
      random.floats(count).with(value), random.floats(3 * shape.batch * shape.channels), random.floats(count)
    )
  }

  private func run(
    _ shape: (batch: Int, pixels: Int, channels: Int), _ isGate: Bool, on set: any KernelSet, value: Float? = nil
  ) throws -> [UInt32] {
    let operands = operands(shape, isGate, value: value), input = try FloatBuffer(operands.input)
    let vectors = try FloatBuffer(operands.vectors), residual = try FloatBuffer(operands.residual)
    let output = try FloatBuffer(count: operands.input.count, zeroed: true), stride = 3 * shape.channels
    let problem = ctk_modulation(
      input: input.pointer, batch: Int32(shape.batch), pixels: Int32(shape.pixels), channels: Int32(shape.channels),
      factor: vectors.pointer + shape.channels, factor_stride: Int32(stride), adds_one: !isGate,
      term: isGate ? residual.pointer : vectors.pointer,
      term_image_stride: isGate ? shape.pixels * shape.channels : stride,
      term_pixel_stride: isGate ? shape.channels : 0,
      output: output.mutable)
    set.modulation(problem, items: 0..<problem.items)
    return withExtendedLifetime((input, vectors, residual)) { bits(output) }
  }

  /// By a backend that has no kernel of its own for it.
  private func runByDefault(
    _ shape: (batch: Int, pixels: Int, channels: Int), _ isGate: Bool, value: Float? = nil
  ) throws -> [UInt32] {
    let cpu = try #require(CPUBackend(kernels: ReferenceKernels(), threads: 1)), backend = PlainBackend(cpu: cpu)
    let operands = operands(shape, isGate, value: value)
    func map(_ elements: [Float], _ pixels: Int, _ channels: Int) throws -> FeatureMap {
      let map = try FeatureMap(batch: shape.batch, height: 1, width: pixels, channels: channels, on: backend)
      try backend.upload(elements, to: map.buffer)
      return map
    }
    let input = try map(operands.input, shape.pixels, shape.channels)
    let vectors = try map(operands.vectors, 1, 3 * shape.channels)
    let factor = ChannelRange(vectors, from: shape.channels)
    let output = try map(operands.input, shape.pixels, shape.channels)
    let kind: ModulationOperation.Kind =
      isGate
      ? .gate(factor, residual: try map(operands.residual, shape.pixels, shape.channels))
      : .scale(factor, shift: ChannelRange(vectors))
    try backend.modulation(ModulationOperation(kind, input: input, output: output))
    return try backend.download(output.buffer).map(\.bitPattern)
  }
}

/// The processor without its modulation.
private struct PlainBackend: Backend {
  let cpu: CPUBackend

  func begin(use: [Int]) { cpu.begin(use: use) }
  func buffer(count: Int) throws -> any DeviceBuffer { try cpu.buffer(count: count) }
  func constant(_ elements: [Float]) throws -> any DeviceBuffer { try cpu.constant(elements) }
  func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer {
    try cpu.packWeights(weights, for: shape)
  }
  func upload(_ elements: [Float], to buffer: any DeviceBuffer) throws { cpu.upload(elements, to: buffer) }
  func download(_ buffer: any DeviceBuffer) throws -> [Float] { cpu.download(buffer) }
  func convolution(_ operation: ConvolutionOperation) throws { try cpu.convolution(operation) }
  func groupNorm(_ operation: GroupNormOperation) throws { cpu.groupNorm(operation) }
  func layerNorm(_ operation: LayerNormOperation) throws { cpu.layerNorm(operation) }
  func activation(_ operation: ActivationOperation) throws { cpu.activation(operation) }
  func resample(_ operation: ResamplingOperation) throws { cpu.resample(operation) }
  func attention(_ operation: AttentionOperation) throws { try cpu.attention(operation) }
  func finish() throws { cpu.finish() }
}
