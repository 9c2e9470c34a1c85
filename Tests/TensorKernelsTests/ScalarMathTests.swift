import Glibc
import TensorKernels
import Testing

@Suite("exp and SiLU")
struct ScalarMathTests {
  /// Every 4,099th binary32 value whose exponential is a normal number, compared with binary64.
  @Test("exp is within 1 ulp of binary64")
  func expIsAccurate() {
    var worst = 0.0
    for bits in stride(from: UInt32(0), to: 0xFFFF_FFFF, by: 4099) {
      let x = Float(bitPattern: bits)
      guard x.isFinite, x > -87, x < 88.7 else { continue }
      let exact = Glibc.exp(Double(x)), found = ScalarMath.exp(x)
      worst = max(worst, abs(Double(found) - exact) / Double(Float(exact).ulp))
    }
    #expect(worst <= 1, "worst error \(worst) ulp")
  }

  static let ends: [(Float, Float)] = [
    (.infinity, .infinity), (-.infinity, 0), (89, .infinity), (-104, 0), (0, 1), (-0.0, 1),
    (-100, Float(bitPattern: 27)),
  ]

  @Test("exp at the ends of the range", arguments: ends)
  func expAtTheEnds(x: Float, expected: Float) {
    #expect(ScalarMath.exp(x) == expected)
  }

  @Test("NaN stays NaN")
  func nanStays() {
    #expect(ScalarMath.exp(.nan).isNaN)
    #expect(ScalarMath.silu(.nan).isNaN)
  }

  @Test("SiLU is x times the logistic function", arguments: [Float]([-200, -30, -1.5, -1e-20, 0, 0.25, 3, 88, 200]))
  func silu(x: Float) {
    let exact = Double(x) / (1 + Glibc.exp(-Double(x)))
    #expect(abs(Double(ScalarMath.silu(x)) - exact) <= max(4 * Double(Float(exact).ulp), 1e-37))
  }
}
