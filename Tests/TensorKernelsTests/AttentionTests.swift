import CTensorKernels
import Glibc
import TensorKernels
import TestSupport
import Testing

@Suite("Attention equals the scalar oracle bit for bit")
struct AttentionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    var batch = 1
    var queries = 1
    /// The number of keys; nil for the queries' own.
    var keys: Int?
    var heads = 1
    var dim = 4
    var isCausal = false

    var testDescription: String {
      "\(batch)x\(queries)x\(keys ?? queries), \(heads) heads of \(dim)\(isCausal ? ", causal" : "")"
    }
  }

  static let cases: [Case] = [
    Case(), Case(queries: 3, heads: 2, dim: 1), Case(batch: 2, queries: 16, heads: 4, dim: 8),
    Case(queries: 33, heads: 3, dim: 17), Case(batch: 2, queries: 64, heads: 4, dim: 32),
    Case(queries: 100, heads: 1, dim: 48),
    Case(queries: 1, keys: 77, heads: 2, dim: 40), Case(batch: 2, queries: 65, keys: 77, heads: 3, dim: 33),
    Case(queries: 19, keys: 1, heads: 2, dim: 16), Case(isCausal: true),
    Case(batch: 2, queries: 77, heads: 2, dim: 32, isCausal: true), Case(queries: 13, heads: 3, dim: 5, isCausal: true),
    Case(queries: 40, keys: 13, heads: 2, dim: 64, isCausal: true), Case(queries: 9, keys: 50, dim: 24, isCausal: true),
  ]

  @Test(arguments: cases)
  func equalsTheOracle(_ shape: Case) throws {
    let expected = try run(shape, on: ReferenceKernels())
    for set in kernelSets { #expect(try run(shape, on: set) == expected, "\(set.name)") }
  }

  @Test("Awkward values take the same path", arguments: [3, 5, 7, 10, 12].map { cases[$0] }, awkwardValues)
  func awkwardValuesEqualTheOracle(_ shape: Case, value: Float) throws {
    let expected = try run(shape, on: ReferenceKernels(), value: value)
    for set in kernelSets { #expect(try run(shape, on: set, value: value) == expected, "\(set.name)") }
  }

  @Test("It is what binary64 gives", arguments: cases)
  func isAccurate(_ shape: Case) throws {
    let found = try run(shape, on: ReferenceKernels()).map { Double(Float(bitPattern: $0)) }
    let operands = operands(shape), dim = shape.dim, keys = shape.keys ?? shape.queries
    for (place, value) in found.enumerated() {
      let row = place / (shape.heads * dim), channel = place % (shape.heads * dim), first = channel / dim * dim
      let image = row / shape.queries, query = row % shape.queries
      let scores = (0..<(shape.isCausal ? min(query + 1, keys) : keys)).map { key in
        0.25
          * (0..<dim).reduce(0.0) { sum, d in
            let keyRow = (image * keys + key) * operands.keyStride + operands.keyStart
            let queryRow = row * operands.queryStride
            return sum + Double(operands.query[queryRow + first + d]) * Double(operands.tokens[keyRow + first + d])
          }
      }
      let weights = scores.map { Glibc.exp($0 - (scores.max() ?? 0)) }, total = weights.reduce(0, +)
      let expected = weights.indices.reduce(0.0) { sum, key in
        let valueRow = (image * keys + key) * operands.keyStride + operands.valueStart
        return sum + weights[key] * Double(operands.tokens[valueRow + channel])
      }
      #expect(abs(value - expected / total) < 2e-5)
    }
  }

  @Test("A causal query sees nothing of later keys, not even NaN or -0")
  func laterKeysAreAbsent() throws {
    let shape = Case(queries: 20, heads: 2, dim: 12, isCausal: true)
    for set in kernelSets + [ReferenceKernels()] {
      let whole = try run(shape, on: set)
      for length in [1, 7, 8, 9, 19] {
        let spoiled = try run(shape, on: set, spoiledFrom: length)
        #expect(spoiled.prefix(length * 24) == whole.prefix(length * 24), "\(set.name)")
        #expect(spoiled.dropFirst(length * 24).allSatisfy { Float(bitPattern: $0).isNaN }, "\(set.name)")
      }
    }
  }

  /// Queries and tokens; without keys of another number both are one map of queries, keys and values.
  private struct Operands {
    var query: [Float]
    var tokens: [Float]
    var queryStride, keyStride, keyStart, valueStart: Int
  }

  private func operands(_ shape: Case) -> Operands {
    var random = SplitMix64(seed: 13)
    let inner = shape.heads * shape.dim
    guard let keys = shape.keys else {
      let all = random.floats(shape.batch * shape.queries * 3 * inner).map { $0 * 4 }
      return Operands(
        query: all, tokens: all, queryStride: 3 * inner, keyStride: 3 * inner, keyStart: inner, valueStart: 2 * inner)
    }
    return Operands(
      query: random.floats(shape.batch * shape.queries * inner).map { $0 * 4 },
      tokens: random.floats(shape.batch * keys * (2 * inner + 3)).map { $0 * 4 }, queryStride: inner,
      keyStride: 2 * inner + 3, keyStart: 1, valueStart: inner + 2)
  }

  /// - Parameter spoiledFrom: The first token whose elements are NaN.
  private func run(
    _ shape: Case, on set: any KernelSet, value: Float? = nil, spoiledFrom: Int? = nil
  ) throws -> [UInt32] {
    var operands = operands(shape)
    if let spoiledFrom {
      for place in spoiledFrom * operands.keyStride..<operands.tokens.count { operands.tokens[place] = .nan }
    }
    let query = try FloatBuffer(operands.query.with(value)), tokens = try FloatBuffer(operands.tokens.with(value))
    let output = try FloatBuffer(count: shape.batch * shape.queries * shape.heads * shape.dim, zeroed: true)
    var problem = ctk_attention()
    (problem.query, problem.query_stride) = (query.pointer, Int32(operands.queryStride))
    (problem.key, problem.key_stride) = (tokens.pointer + operands.keyStart, Int32(operands.keyStride))
    (problem.value, problem.value_stride) = (tokens.pointer + operands.valueStart, Int32(operands.keyStride))
    (problem.batch, problem.queries) = (Int32(shape.batch), Int32(shape.queries))
    (problem.keys, problem.causal) = (Int32(shape.keys ?? shape.queries), shape.isCausal)
    (problem.heads, problem.head_dim, problem.scale) = (Int32(shape.heads), Int32(shape.dim), 0.25)
    problem.output = output.mutable
    return try withExtendedLifetime((query, tokens)) {
      try set.attend(problem)
      return bits(output)
    }
  }
}
