import CTensorKernels
import TensorKernels
import TestSupport
import Testing

/// The contract: denormals are ordinary numbers. Nothing may turn on a processor's flush-to-zero, on any thread.
@Suite struct DenormalTests {
  static let sets = kernelSets + [ReferenceKernels()]

  /// A denormal is an input or arises, and reaches the output.
  static let products: [(input: Float, weight: Float)] = [
    (.leastNonzeroMagnitude, 1), (-.leastNonzeroMagnitude, 1), (0x1.8p-130, 1), (0x1p-100, 0x1p-40),
    (-0x1p-75, 0x1p-74),
    (1, .leastNonzeroMagnitude),
  ]

  @Test("A denormal survives a layer on every thread", arguments: sets.indices, products)
  func survives(set: Int, product: (input: Float, weight: Float)) throws {
    let set = Self.sets[set], threads = 3, pixels = 40 * threads
    let pool = try #require(ThreadPool(threads: threads))
    let input = try FloatBuffer([Float](repeating: product.input, count: pixels))
    let output = try FloatBuffer(count: pixels * 16), zeros = try FloatBuffer(count: 1, zeroed: true)
    let weights = try set.pack(
      [Float](repeating: product.weight, count: 16),
      for: ConvolutionShape(inputChannels: 1, outputChannels: 16, kernel: 1), pool: pool,
      allocator: SystemAllocator())
    var p = ctk_convolution()
    (p.input, p.input_channels) = (input.pointer, 1)
    (p.batch, p.input_height, p.input_width) = (1, 1, Int32(pixels))
    (p.kernel, p.stride, p.divisor, p.algorithm) = (1, 1, 1, ctk_direct)
    (p.output_channels, p.output_height, p.output_width) = (16, 1, Int32(pixels))
    (p.weights, p.zeros, p.output) = (weights.pointer, zeros.pointer, output.mutable)
    let problem = p
    pool.forEach(items: problem.items) { set.convolution(problem, items: $0) }
    let expected = product.input * product.weight
    #expect(expected.isSubnormal)
    withExtendedLifetime((input, weights, zeros)) {
      #expect(bits(output) == [UInt32](repeating: expected.bitPattern, count: pixels * 16))
    }
  }

  @Test("The oracle's exp gives denormals")
  func exponential() {
    #expect(ScalarMath.exp(-100).isSubnormal)
    #expect(ScalarMath.silu(0x1p-130).isSubnormal)
  }
}
