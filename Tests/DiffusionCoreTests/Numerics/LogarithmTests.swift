import DiffusionCore
import Glibc
import TestSupport
import Testing

@Suite("The project's own logarithms in binary64")
struct LogarithmTests {
  @Test("log is within 2 ulp and log10 within 4 of the system's, or 2^-60")
  func accuracy() {
    var random = SplitMix64(seed: 5)
    for index in 0..<20_000 {
      let x = index < 4000 ? 0.5 + Double(index) / 2000 : Glibc.exp(Double.random(in: -700...700, using: &random))
      for (found, expected, ulps) in [
        (DoubleMath.log(x), Glibc.log(x), 2.0), (DoubleMath.log10(x), Glibc.log10(x), 4),
      ] {
        #expect(abs(found - expected) <= max(ulps * expected.ulp, 0x1p-60), "\(x)")
      }
    }
  }

  @Test("follow IEEE 754 outside the positive numbers")
  func edges() {
    #expect(DoubleMath.log(0) == -.infinity)
    #expect(DoubleMath.log(.infinity) == .infinity)
    #expect(DoubleMath.log(-1).isNaN)
    #expect(DoubleMath.log(.nan).isNaN)
    #expect(DoubleMath.log(1) == 0)
    #expect(abs(DoubleMath.log(.leastNonzeroMagnitude) - Glibc.log(.leastNonzeroMagnitude)) < 1e-12)
  }
}
