import DiffusionCore
import Glibc
import TestSupport
import Testing

@Suite("The project's own exp, sin and cos in binary64")
struct DoubleMathTests {
  @Test("exp is within 2 ulp of the system's")
  func exponential() {
    var random = SplitMix64(seed: 3)
    for _ in 0..<20_000 {
      let x = Double.random(in: -700...700, using: &random), expected = Glibc.exp(x)
      #expect(abs(DoubleMath.exp(x) - expected) <= 2 * expected.ulp)
    }
  }

  @Test("sin and cos are within 2 ulp or 2^-60 of the system's")
  func sineAndCosine() {
    var random = SplitMix64(seed: 4)
    for index in 0..<20_000 {
      let x = index < 2000 ? Double(index) * 0.7853981633974483 : Double.random(in: -2000...2000, using: &random)
      for (found, expected) in [(DoubleMath.sin(x), Glibc.sin(x)), (DoubleMath.cos(x), Glibc.cos(x))] {
        #expect(abs(found - expected) <= max(2 * expected.ulp, 0x1p-60))
      }
    }
  }

  @Test("what is no number, and what is far too large, is NaN, 0 or infinity, and no trap")
  func noNumber() {
    #expect(DoubleMath.exp(.nan).isNaN && DoubleMath.exp(.infinity) == .infinity && DoubleMath.exp(-.infinity) == 0)
    #expect(DoubleMath.exp(1e300) == .infinity && DoubleMath.exp(-1e300) == 0 && DoubleMath.exp(-1000) == 0)
    for function in [DoubleMath.sin, DoubleMath.cos] {
      #expect([.nan, .infinity, -.infinity, 1e300].allSatisfy { function($0).isNaN })
    }
  }

  @Test(
    "whole numbers have no point, NaN has no sign",
    arguments: [
      (981, "981"), (-1, "-1"), (-0.0, "-0"), (0.5, "0.5"), (-Double.nan, "nan"), (-Double.infinity, "-inf"),
      (1e16, "1e+16"), (1e15, "1000000000000000"),
    ] as [(Double, String)])
  func wholeText(value: Double, expected: String) {
    #expect(value.wholeText == expected)
  }
}
