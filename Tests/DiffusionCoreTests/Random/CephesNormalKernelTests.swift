import DiffusionCore
import Glibc
import Testing

/// The polynomials compared with libm in binary64, for every 1,021st of the 2^24 inputs that occur in noise.
@Suite("Cephes polynomials")
struct CephesNormalKernelTests {
  private let uniforms = stride(from: 0, to: 1 << 24, by: 1021).map { Float($0) * 0x1p-24 }

  @Test func logarithmIsWithinAnUlp() {
    let errors = uniforms.map { uniform in
      let (value, exact) = (CephesNormalKernel.logarithm(1 - uniform), log(Double(1 - uniform)))
      return exact == 0 ? Double(value) : abs(Double(value) - exact) / Double(Float(exact).ulp)
    }
    #expect(errors.max() ?? .infinity < 1)
  }

  @Test func sineAndCosineAreWithinAFewHundredMillionths() {
    let errors = uniforms.map { uniform in
      let angle = 6.283_185_5 * uniform
      let (sine, cosine) = CephesNormalKernel.sineAndCosine(angle)
      return max(abs(Double(sine) - sin(Double(angle))), abs(Double(cosine) - cos(Double(angle))))
    }
    #expect(errors.max() ?? .infinity < 9e-8)
  }
}
