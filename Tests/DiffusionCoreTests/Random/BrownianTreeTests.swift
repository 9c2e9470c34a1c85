import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

@Suite("Brownian trees equal torchsde's")
struct BrownianTreeTests {
  /// Increments of a tree of `brownian.py`.
  struct Recorded: Decodable, Sendable, CustomTestStringConvertible {
    let seed: UInt64
    let shape: [Int]
    let start, end: Double
    let spans: [[Double]]
    let increments: [[Float]]

    var testDescription: String { "seed \(seed), \(shape), \(start) to \(end)" }
    var tree: BrownianTree { BrownianTree(from: start, to: end, shape: shape, seed: seed, device: .cpu) }

    static func load() throws -> [Recorded] {
      let path = Fixtures.folder + "/noise/brownian.json"
      return try JSONDecoder().decode([Recorded].self, from: Data(contentsOf: URL(filePath: path)))
    }
  }

  @Test("every increment, to the last bit of normals of 16 elements and more", arguments: try Recorded.load())
  func increments(_ recorded: Recorded) throws {
    let tree = recorded.tree
    #expect(recorded.spans.count == 23)
    for (span, expected) in zip(recorded.spans, recorded.increments) {
      let found = try tree.increment(from: span[0], to: span[1])
      if recorded.shape.reduce(1, *) >= 16 {
        #expect(found == expected, "\(span)")
      } else {
        // Fewer elements are drawn with the system's logarithm and cosine.
        #expect(tolerancesOff(found, expected, relative: 1e-6, absolute: 1e-6) <= 1, "\(span)")
      }
    }
  }

  @Test("an increment is the sum of its parts, whatever was asked for before")
  func parts() throws {
    let tree = BrownianTree(from: 0.5, to: 9, shape: [64], seed: 11, device: .cpu)
    let whole = try tree.increment(from: 1.25, to: 7.5)
    let parts = try [(1.25, 1.3), (1.3, 6), (6, 7.5)].map { try tree.increment(from: $0.0, to: $0.1) }
    let sums = whole.indices.map { parts[0][$0] + parts[1][$0] + parts[2][$0] }
    #expect(tolerancesOff(sums, whole, relative: 0, absolute: 1e-5) <= 1)
    // A motion's variance is the length of the span.
    let variance = whole.reduce(0.0) { $0 + Double($1) * Double($1) } / 64
    #expect((3.0...11).contains(variance))
  }

  @Test("times beyond the ends are the ends; times that are too near to each other are refused")
  func ends() throws {
    let tree = BrownianTree(from: 1, to: 2, shape: [16], seed: 3, device: .cpu)
    #expect(try tree.increment(from: 0, to: 5) == tree.increment(from: 1, to: 2))
    #expect(try tree.increment(from: 3, to: 4) == [Float](repeating: 0, count: 16))
    for span in [(1.5, 1.5 + 1e-9), (1.2, .nan)] {
      let error = try #require(throws: DiffusionError.self) { try tree.increment(from: span.0, to: span.1) }
      #expect(error.kind == .usage && error.message.contains("at least 1e-6 apart"), "\(error)")
    }
    let endless = BrownianTree(from: 1, to: .infinity, shape: [16], seed: 3, device: .cpu)
    #expect(throws: DiffusionError.self) { try endless.increment(from: 1, to: 2) }
  }

  @Test("a card's generator draws a card's noise")
  func card() throws {
    func increment(_ device: Generator.Device) throws -> [Float] {
      try BrownianTree(from: 0, to: 4, shape: [32], seed: 3, device: device).increment(from: 0, to: 4)
    }
    // The whole increment is twice the first normals of the first word of numpy's SeedSequence(3, pool_size=24).
    let drawn: Tensor<Float> = try Generator(device: .cuda()).manualSeed(1_578_447_408).randn([32])
    #expect(try increment(.cuda()) != increment(.cpu))
    #expect(try increment(.cuda()) == drawn.scalars.map { 2 * $0 })
  }
}
