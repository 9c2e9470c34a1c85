/// A small seeded generator for test inputs (Steele, Lea and Flood 2014).
package struct SplitMix64: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// Creates a generator from a seed.
  package init(seed: UInt64) { state = seed }

  package mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  /// Values from -1 to 1, with a zero and a tiny value among them.
  package mutating func floats(_ count: Int) -> [Float] {
    (0..<count).map { $0 % 61 == 7 ? 0 : $0 % 53 == 5 ? 1e-38 : Float.random(in: -1...1, using: &self) }
  }
}
