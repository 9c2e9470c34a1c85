import TensorKernels
import TestSupport

/// Inputs that depend on integers alone, as `filled` of `Tests/CrossCheck/driver.c` computes them.
struct CrossCheckInputs {
  private static let awkward: [UInt32] = [
    0x0000_0000, 0x8000_0000, 0x0000_0001, 0x8000_0001, 0x007F_FFFF, 0x0080_0000, 0x807F_FFFF, 0x7F7F_FFFF,
    0xFF7F_FFFF, 0x7F80_0000, 0xFF80_0000, 0x7FC0_0000, 0xFFC0_0000, 0x7FC1_2345, 0xFFF0_0001, 0x3F80_0000,
  ]

  private var random: SplitMix64

  init(seed: Int) { random = SplitMix64(seed: UInt64(seed)) }

  /// Multiples of 2^-23 from -1 to 1, with zeros and denormals among them, and `rare` of 4096 awkward values.
  mutating func filled(_ count: Int, _ rare: Int) throws -> FloatBuffer {
    try FloatBuffer(
      (0..<count).map { index in
        let bits = random.next()
        if Int(bits & 4095) < rare { return Float(bitPattern: Self.awkward[Int(bits >> 12 & 15)]) }
        if index % 53 == 5 { return 0x1.8p-130 }
        if index % 61 == 7 { return 0 }
        return Float(Int32(bits >> 40) - 0x80_0000) * 0x1p-23
      })
  }
}
