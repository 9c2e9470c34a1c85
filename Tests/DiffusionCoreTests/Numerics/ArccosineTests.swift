import DiffusionCore
import Glibc
import TestSupport
import Testing

@Suite("The project's own arccos in binary64")
struct ArccosineTests {
  @Test("is within 4 ulp or 2^-52 of the system's")
  func accuracy() {
    var random = SplitMix64(seed: 6)
    let edges = [-1, -0.5, -0.0, 0, 0.5, 1, Double(1).nextDown, Double(-1).nextUp, Double(0.5).nextUp]
    for c in edges + (0..<20_000).map({ _ in Double.random(in: -1...1, using: &random) }) {
      let expected = Glibc.acos(c)
      #expect(abs(DoubleMath.acos(c) - expected) <= max(4 * expected.ulp, 0x1p-52), "\(c)")
    }
  }

  @Test("is NaN outside -1 to 1", arguments: [1.5, Double(-1).nextDown, .infinity, .nan])
  func outside(c: Double) { #expect(DoubleMath.acos(c).isNaN) }
}
