import DiffusionTUI
import TestSupport
import Testing

@Suite("The best two colours of a cell") struct TwoColorSplitTests {
  /// The sum of squared differences, from the definition.
  private func cost(_ pixels: [RGB], mask: Int) -> Double {
    var cost = 0.0
    for side in 0...1 {
      let members = pixels.indices.filter { mask >> $0 & 1 == side }.map { pixels[$0] }
      for component in [\RGB.red, \RGB.green, \RGB.blue] {
        let values = members.map { Double($0[keyPath: component]) }
        let mean = values.reduce(0, +) / Double(max(1, values.count))
        cost += values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
      }
    }
    return cost
  }

  @Test("no other split is closer to the pixels", arguments: [3, 4, 6]) func optimal(count: Int) {
    for seed in 0..<300 {
      let picture = Pictures.noise(count, 1, seed: UInt64(seed))
      let pixels = (0..<count).map { picture[$0, 0] }
      let split = TwoColorSplit(pixels)
      let least = (0..<1 << count).map { cost(pixels, mask: $0) }.min() ?? 0
      #expect(cost(pixels, mask: split.mask) <= least + 1e-6)
      #expect(!split.isExact)
    }
  }

  @Test("its colours are the means of the pixels that share them")
  func means() {
    let pixels = [RGB(0, 0, 0), RGB(10, 20, 31), RGB(250, 255, 255), RGB(255, 240, 255)]
    let split = TwoColorSplit(pixels)
    #expect(split.mask == 0b0011)
    #expect(split.first == RGB(5, 10, 16))
    #expect(split.second == RGB(253, 248, 255))
  }

  @Test("one and two colours stay as they are") func exact() {
    let (one, two) = (RGB(1, 2, 3), RGB(200, 100, 50))
    let mixed = TwoColorSplit([one, two, two, one, two, one])
    #expect(mixed.isExact)
    #expect([mixed.mask, 0] == [0b101001, 0])
    #expect([mixed.first, mixed.second] == [one, two])
    let plain = TwoColorSplit([one, one, one, one])
    #expect(plain.isExact)
    #expect(plain.first == one && plain.second == one)
  }
}
