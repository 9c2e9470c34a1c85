import Glibc
import TensorKernels
import Testing

@Suite("exp, SiLU and GELU")
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

  /// The worst error of gelu, in units in the last place of the exact value, among every 16,411th value of a range.
  private func worstError(_ range: Range<Float>) -> Double {
    var worst = 0.0
    for bits in stride(from: UInt32(0), to: 0xFFFF_FFFF, by: 16_411) {
      let x = Float(bitPattern: bits)
      guard x.isFinite, range.contains(x) else { continue }
      let exact = Double(x) * 0.5 * Glibc.erfc(-Double(x) / 2.0.squareRoot())
      worst = max(worst, abs(Double(ScalarMath.gelu(x)) - exact) / Double(Float(exact).ulp))
    }
    return worst
  }

  static let geluLimits: [(from: Float, to: Float, ulps: Double)] = [(-0.5, 1e30, 2), (-5, -0.5, 4), (-1e30, -5, 8)]

  @Test("gelu is as close to binary64 as the contract says", arguments: geluLimits)
  func geluIsAccurate(from: Float, to: Float, limit: Double) {
    let worst = worstError(from.nextUp..<to.nextUp)
    #expect(worst <= limit, "worst error \(worst) ulp")
    #expect(worst > limit / 4, "the contract could say less than \(limit)")
  }

  @Test("gelu at the ends of the range, and where its two forms meet")
  func geluAtTheEnds() {
    #expect(ScalarMath.gelu(.infinity) == .infinity)
    #expect(ScalarMath.gelu(-.infinity) == 0)
    #expect(ScalarMath.gelu(0) == 0)
    #expect(ScalarMath.gelu(16) == 16)
    #expect(ScalarMath.gelu(-16) == 0)
    #expect(ScalarMath.gelu(-13.5).isSubnormal)
    #expect(abs(ScalarMath.gelu(1) - ScalarMath.gelu(Float(1).nextDown)) <= 2 * Float(1).ulp)
    #expect(abs(ScalarMath.gelu(-1) - ScalarMath.gelu(Float(-1).nextUp)) <= 4 * Float(0.15).ulp)
  }

  @Test(
    "quick GELU is x times the logistic function of 1.702 x", arguments: [Float]([-60, -9, -1.5, -1e-20, 0, 0.25, 3]))
  func quickGELU(x: Float) {
    let exact = Double(x) / (1 + Glibc.exp(-1.702 * Double(x)))
    // The error of the rounded factor and product grows with |x|.
    let limit = (4 + 2 * Double(x.magnitude)) * Double(Float(exact).ulp)
    #expect(abs(Double(ScalarMath.quickGELU(x)) - exact) <= max(limit, 1e-37))
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
    #expect(ScalarMath.gelu(.nan).isNaN)
    #expect(ScalarMath.quickGELU(.nan).isNaN)
    #expect(ScalarMath.mish(.nan).isNaN)
  }

  @Test(
    "Mish is x times the tangent of softplus",
    arguments: [Float]([-200, -90, -30, -9, -1.5, -1e-20, 0, 1e-20, 0.25, 3, 19.5, 20.5, 44, 89, 1e38]))
  func mish(x: Float) {
    let exact = Double(x) * Glibc.tanh(Glibc.log1p(Glibc.exp(min(Double(x), 700))))
    #expect(abs(Double(ScalarMath.mish(x)) - exact) <= max(4 * Double(Float(exact).ulp), 1e-37))
  }

  @Test("SiLU is x times the logistic function", arguments: [Float]([-200, -30, -1.5, -1e-20, 0, 0.25, 3, 88, 200]))
  func silu(x: Float) {
    let exact = Double(x) / (1 + Glibc.exp(-Double(x)))
    #expect(abs(Double(ScalarMath.silu(x)) - exact) <= max(4 * Double(Float(exact).ulp), 1e-37))
  }
}
