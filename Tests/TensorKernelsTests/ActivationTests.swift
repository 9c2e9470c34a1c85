import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Activations equal the scalar oracle bit for bit")
struct ActivationTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var pixels: Int
    var channels: Int
    var isGated: Bool

    var testDescription: String { "\(pixels)x\(channels)\(isGated ? ", gated" : "")" }
  }

  /// The longest has several work items, of which some begin within a pixel.
  static let cases: [Case] = [
    Case(pixels: 1, channels: 1, isGated: false), Case(pixels: 1, channels: 1, isGated: true),
    Case(pixels: 77, channels: 64, isGated: false), Case(pixels: 5, channels: 31, isGated: true),
    Case(pixels: 41, channels: 257, isGated: true), Case(pixels: 3, channels: 4099, isGated: false),
  ]

  @Test(arguments: cases, Activation.allCases)
  func equalsTheOracle(_ shape: Case, function: Activation) throws {
    let expected = try run(shape, function, on: ReferenceKernels())
    // ReLU makes zeros of half of the values.
    #expect(Set(expected).count > expected.count / (function == .relu ? 3 : 2))
    for set in kernelSets { #expect(try run(shape, function, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: Activation.allCases, awkwardValues)
  func awkwardValuesEqualTheOracle(function: Activation, value: Float) throws {
    for shape in [Self.cases[3], Self.cases[5]] {
      let expected = try run(shape, function, on: ReferenceKernels(), value: value)
      for set in kernelSets { #expect(try run(shape, function, on: set, value: value) == expected, "\(set.name)") }
    }
  }

  @Test("Every kind of value has the oracle's bits", arguments: Activation.allCases)
  func wholeRange(function: Activation) throws {
    let values = stride(from: UInt32(0), through: 0xFFFF_FFFF, by: 65_539).map { Float(bitPattern: $0) }
    let expected = try run(values, function, on: ReferenceKernels())
    for set in kernelSets { #expect(try run(values, function, on: set) == expected, "\(set.name)") }
  }

  @Test("The second half of the channels gates the first", arguments: Activation.allCases)
  func gates(function: Activation) throws {
    let shape = Case(pixels: 2, channels: 3, isGated: true), input = try self.input(shape).elements
    let halves = [(0, 3), (6, 9)].map { (Array(input[$0.0..<$0.0 + 3]), Array(input[$0.1..<$0.1 + 3])) }
    let expected = try halves.flatMap { first, second in
      zip(first, try run(second, function, on: ReferenceKernels())).map { ($0 * Float(bitPattern: $1)).bitPattern }
    }
    #expect(try run(shape, function, on: ReferenceKernels()) == expected)
  }

  private func input(_ shape: Case, value: Float? = nil) throws -> FloatBuffer {
    var random = SplitMix64(seed: 23)
    let count = shape.pixels * shape.channels * (shape.isGated ? 2 : 1)
    return try FloatBuffer(random.floats(count).map { $0 * 8 }.with(value))
  }

  private func run(
    _ shape: Case, _ function: Activation, on set: any KernelSet, value: Float? = nil
  ) throws -> [UInt32] {
    let input = try input(shape, value: value)
    let output = try FloatBuffer(count: shape.pixels * shape.channels, zeroed: true)
    let problem = ctk_activation(
      function: function.ctk, gated: shape.isGated, input: input.pointer, channels: Int32(shape.channels),
      count: output.count, output: output.mutable)
    set.activation(problem, items: 0..<problem.items)
    return withExtendedLifetime(input) { bits(output) }
  }

  private func run(_ values: [Float], _ function: Activation, on set: any KernelSet) throws -> [UInt32] {
    let input = try FloatBuffer(values), output = try FloatBuffer(count: values.count, zeroed: true)
    let problem = ctk_activation(
      function: function.ctk, gated: false, input: input.pointer, channels: 1, count: values.count,
      output: output.mutable)
    set.activation(problem, items: 0..<problem.items)
    return withExtendedLifetime(input) { bits(output) }
  }
}
