import DiffusionCore
import Glibc
import TestSupport
import Testing

@Suite("A cosine that is the same on every machine")
struct PortableCosineTests {
  @Test("is accurate to less than a unit in the last place, from 0 to 2")
  func accuracy() {
    var random = SplitMix64(seed: 8)
    let edges = [0, Double.pi / 4, (Double.pi / 4).nextUp, (Double.pi / 2).nextDown, Double.pi / 2, 2]
    for x in edges + (0..<20_000).map({ _ in Double.random(in: 0...2, using: &random) }) {
      let exact = Glibc.cos(Float80(x))
      #expect(abs(Float80(portableCosine(x)) - exact) < Float80(Double(exact).ulp), "\(x)")
    }
  }
}
