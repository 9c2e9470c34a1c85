import CTensorKernels
import TensorKernels
import TestSupport
import Testing

@Suite("Attention equals the scalar oracle bit for bit")
struct AttentionTests {
  struct Case: Sendable {
    var batch = 1
    var length = 1
    var heads = 1
    var dim = 4
  }

  static let cases: [Case] = [
    Case(), Case(length: 3, heads: 2, dim: 1), Case(batch: 2, length: 16, heads: 4, dim: 8),
    Case(length: 33, heads: 3, dim: 17), Case(batch: 2, length: 64, heads: 4, dim: 32),
    Case(length: 100, heads: 1, dim: 48),
  ]

  @Test(arguments: cases)
  func equalsTheOracle(_ shape: Case) throws {
    let expected = try run(shape, on: ReferenceKernels())
    for set in kernelSets { #expect(try run(shape, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: [cases[3], cases[5]], awkwardValues)
  func awkwardValuesEqualTheOracle(_ shape: Case, value: Float) throws {
    let expected = try run(shape, on: ReferenceKernels(), value: value)
    for set in kernelSets { #expect(try run(shape, on: set, value: value) == expected, "\(set.name)") }
  }

  private func run(_ shape: Case, on set: any KernelSet, value: Float? = nil) throws -> [UInt32] {
    var random = SplitMix64(seed: 13)
    let inner = shape.heads * shape.dim, padded = (shape.length + 31) / 32 * 32
    let projected = try FloatBuffer(random.floats(shape.batch * shape.length * 3 * inner).map { $0 * 4 }.with(value))
    let keys = try FloatBuffer(count: shape.batch * inner * padded)
    let output = try FloatBuffer(count: shape.batch * shape.length * inner, zeroed: true)
    var problem = ctk_attention()
    problem.query = projected.pointer
    problem.key = projected.pointer + inner
    problem.value = projected.pointer + 2 * inner
    let stride = Int32(3 * inner)
    (problem.query_stride, problem.key_stride, problem.value_stride) = (stride, stride, stride)
    (problem.batch, problem.queries, problem.keys) = (Int32(shape.batch), Int32(shape.length), Int32(shape.length))
    (problem.heads, problem.head_dim, problem.scale) = (Int32(shape.heads), Int32(shape.dim), 0.25)
    (problem.transposed_keys, problem.padded_keys, problem.output) = (keys.mutable, Int32(padded), output.mutable)
    set.transposeKeys(problem, items: 0..<problem.transposeItems)
    set.attention(problem, items: 0..<problem.items)
    return withExtendedLifetime((projected, keys)) { bits(output) }
  }
}
