import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Resampling equals the scalar oracle bit for bit")
struct ResamplingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var height: Int
    var width: Int
    var channels: Int

    var testDescription: String { "\(batch)x\(height)x\(width)x\(channels)" }
  }

  static let cases = [
    Case(height: 2, width: 2, channels: 3), Case(batch: 3, height: 4, width: 6, channels: 32),
    Case(batch: 2, height: 5, width: 7, channels: 17), Case(height: 3, width: 8, channels: 1),
  ]
  static let kinds = Resampling.Kind.allCases.flatMap { kind in
    [Resampling(kind), Resampling(kind, reflects: true)]
  }

  @Test(arguments: cases, kinds)
  func equalsTheOracle(_ shape: Case, resampling: Resampling) throws {
    let expected = try run(shape, resampling, on: ReferenceKernels())
    #expect(Set(expected).count > expected.count / 8, "nearest repeats each value four times")
    for set in kernelSets { #expect(try run(shape, resampling, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: kinds, awkwardValues)
  func awkwardValuesEqualTheOracle(resampling: Resampling, value: Float) throws {
    let expected = try run(Self.cases[2], resampling, on: ReferenceKernels(), value: value)
    for set in kernelSets {
      #expect(try run(Self.cases[2], resampling, on: set, value: value) == expected, "\(set.name)")
    }
  }

  @Test("A row of ones shows the borders")
  func borders() throws {
    func row(_ kind: Resampling.Kind, reflects: Bool) throws -> [Float] {
      let shape = Case(height: 4, width: 4, channels: 1), resampling = Resampling(kind, reflects: reflects)
      let output = try run(shape, resampling, on: ReferenceKernels(), elements: Array(repeating: 1, count: 16))
      let width = resampling.outputSize(height: 4, width: 4).width
      return output[width..<2 * width].map { Float(bitPattern: $0) }
    }
    #expect(try row(.nearest, reflects: false) == Array(repeating: 1, count: 8))
    #expect(try row(.average, reflects: false) == [1, 1])
    // Filters lose what lies outside: an eighth or a quarter in each direction.
    #expect(try row(.filterUp, reflects: false) == [0.75, 1, 1, 1, 1, 1, 1, 0.75])
    #expect(try row(.filterDown, reflects: false) == [0.875 * 0.875, 0.875 * 0.875])
    #expect(try row(.filterUp, reflects: true) == Array(repeating: 1, count: 8))
    #expect(try row(.filterDown, reflects: true) == [1, 1])
  }

  private func run(
    _ shape: Case, _ resampling: Resampling, on set: any KernelSet, value: Float? = nil, elements: [Float]? = nil
  ) throws -> [UInt32] {
    var random = SplitMix64(seed: 29)
    let count = shape.batch * shape.height * shape.width * shape.channels
    let size = resampling.outputSize(height: shape.height, width: shape.width)
    let input = try FloatBuffer((elements ?? random.floats(count)).with(value))
    let output = try FloatBuffer(count: shape.batch * size.height * size.width * shape.channels, zeroed: true)
    let problem = ctk_resample(
      kind: resampling.kind.ctk, reflects: resampling.reflects, input: input.pointer, batch: Int32(shape.batch),
      input_height: Int32(shape.height), input_width: Int32(shape.width), channels: Int32(shape.channels),
      output_height: Int32(size.height), output_width: Int32(size.width), output: output.mutable)
    set.resample(problem, items: 0..<problem.items)
    return withExtendedLifetime(input) { bits(output) }
  }
}
