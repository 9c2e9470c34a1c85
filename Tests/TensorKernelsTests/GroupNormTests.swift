import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Group normalisation equals the scalar oracle bit for bit")
struct GroupNormTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var pixels = 1
    var channels = (first: 4, second: 0)
    var groups = 2
    var time = false

    var testDescription: String { "\(batch)x\(pixels)x\(channels), \(groups) groups, time \(time)" }
  }

  static let cases: [Case] = [
    Case(),
    Case(pixels: 31, channels: (32, 0), groups: 16),
    Case(pixels: 33, channels: (32, 0), groups: 2, time: true),
    Case(batch: 3, pixels: 64, channels: (24, 0), groups: 4, time: true),
    Case(batch: 2, pixels: 1024, channels: (10, 14), groups: 8),
    Case(pixels: 225, channels: (17, 40), groups: 3, time: true),
    Case(batch: 2, pixels: 97, channels: (48, 16), groups: 1),
  ]

  @Test(arguments: cases)
  func equalsTheOracle(_ shape: Case) throws {
    let expected = try run(shape, on: ReferenceKernels())
    for set in kernelSets { #expect(try run(shape, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: [cases[2], cases[5]], awkwardValues)
  func awkwardValuesEqualTheOracle(_ shape: Case, value: Float) throws {
    let expected = try run(shape, on: ReferenceKernels(), value: value)
    for set in kernelSets { #expect(try run(shape, on: set, value: value) == expected, "\(set.name)") }
  }

  @Test("A group has mean 0 and variance 1 before the affine map")
  func normalises() throws {
    let output = try run(Case(pixels: 64, channels: (4, 0), groups: 1), on: ReferenceKernels(), affine: false)
    let values = output.map { Double(Float(bitPattern: $0)) }
    let mean = values.reduce(0, +) / Double(values.count)
    let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
    #expect(abs(mean) < 1e-6)
    #expect(abs(variance - 1) < 1e-4)
  }

  private func run(_ shape: Case, on set: any KernelSet, affine: Bool = true, value: Float? = nil) throws -> [UInt32] {
    var random = SplitMix64(seed: 11)
    let channels = shape.channels.first + shape.channels.second, pixels = shape.batch * shape.pixels
    let first = try FloatBuffer(random.floats(pixels * shape.channels.first).map { $0 + 3 }.with(value))
    let second = try FloatBuffer(random.floats(pixels * shape.channels.second))
    let ones = [Float](repeating: 1, count: channels), none = [Float](repeating: 0, count: channels)
    let gamma = try FloatBuffer(affine ? random.floats(channels) : ones)
    let beta = try FloatBuffer(affine ? random.floats(channels) : none)
    let time = try FloatBuffer(random.floats(shape.batch * 2 * channels))
    let output = try FloatBuffer(count: pixels * channels, zeroed: true)
    var problem = ctk_group_norm()
    (problem.input, problem.input2) = (first.pointer, shape.channels.second > 0 ? second.pointer : nil)
    (problem.input_channels, problem.input2_channels) = (Int32(shape.channels.first), Int32(shape.channels.second))
    (problem.batch, problem.pixels, problem.groups) = (Int32(shape.batch), Int32(shape.pixels), Int32(shape.groups))
    (problem.gamma, problem.beta, problem.epsilon) = (gamma.pointer, beta.pointer, 1e-5)
    (problem.time, problem.time_stride) = (shape.time ? time.pointer : nil, Int32(2 * channels))
    (problem.silu, problem.output) = (shape.time, output.mutable)
    set.groupNorm(problem, items: 0..<problem.items)
    return withExtendedLifetime((first, second, gamma, beta, time)) { bits(output) }
  }
}
