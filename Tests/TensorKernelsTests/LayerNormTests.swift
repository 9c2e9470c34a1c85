import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Layer normalisation equals the scalar oracle bit for bit")
struct LayerNormTests {
  static let cases: [(pixels: Int, channels: Int)] = [
    (1, 1), (3, 15), (1, 16), (77, 64), (17, 33), (5, 320), (64, 48), (35, 100),
  ]

  @Test(arguments: cases)
  func equalsTheOracle(pixels: Int, channels: Int) throws {
    let expected = try run(pixels, channels, on: ReferenceKernels())
    for set in kernelSets { #expect(try run(pixels, channels, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: [cases[4], cases[3]], awkwardValues)
  func awkwardValuesEqualTheOracle(_ shape: (pixels: Int, channels: Int), value: Float) throws {
    let expected = try run(shape.pixels, shape.channels, on: ReferenceKernels(), value: value)
    for set in kernelSets {
      #expect(try run(shape.pixels, shape.channels, on: set, value: value) == expected, "\(set.name)")
    }
  }

  @Test("A value that is not finite stays in its pixel")
  func pixelsAreIndependent() throws {
    let whole = try run(17, 33, on: ReferenceKernels()), spoiled = try run(17, 33, on: ReferenceKernels(), value: .nan)
    // `with` puts the value at 0.3, 0.5 and 0.7 of the elements.
    let places = Set([0.3, 0.5, 0.7].map { Int($0 * 17 * 33) / 33 })
    for pixel in 0..<17 {
      let range = pixel * 33..<(pixel + 1) * 33
      if places.contains(pixel) {
        #expect(spoiled[range].allSatisfy { Float(bitPattern: $0).isNaN })
      } else {
        #expect(spoiled[range] == whole[range])
      }
    }
  }

  @Test("It is what binary64 gives", arguments: cases.filter { $0.channels > 1 })
  func isAccurate(pixels: Int, channels: Int) throws {
    let found = try run(pixels, channels, on: ReferenceKernels()).map { Double(Float(bitPattern: $0)) }
    let (input, gamma, beta) = operands(pixels, channels)
    for pixel in 0..<pixels {
      let x = input[pixel * channels..<(pixel + 1) * channels].map(Double.init)
      let mean = x.reduce(0, +) / Double(channels)
      let variance = x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
      for (channel, value) in x.enumerated() {
        let expected = (value - mean) / (variance + 1e-5).squareRoot() * Double(gamma[channel]) + Double(beta[channel])
        #expect(abs(found[pixel * channels + channel] - expected) < 4e-6)
      }
    }
  }

  private func operands(_ pixels: Int, _ channels: Int) -> (input: [Float], gamma: [Float], beta: [Float]) {
    var random = SplitMix64(seed: 19)
    return (random.floats(pixels * channels).map { $0 + 3 }, random.floats(channels), random.floats(channels))
  }

  private func run(_ pixels: Int, _ channels: Int, on set: any KernelSet, value: Float? = nil) throws -> [UInt32] {
    let operands = operands(pixels, channels), input = try FloatBuffer(operands.input.with(value))
    let gamma = try FloatBuffer(operands.gamma), beta = try FloatBuffer(operands.beta)
    let output = try FloatBuffer(count: pixels * channels, zeroed: true)
    let problem = ctk_layer_norm(
      input: input.pointer, pixels: pixels, channels: Int32(channels), epsilon: 1e-5, gamma: gamma.pointer,
      beta: beta.pointer, output: output.mutable)
    set.layerNorm(problem, items: 0..<problem.items)
    return withExtendedLifetime((input, gamma, beta)) { bits(output) }
  }
}
