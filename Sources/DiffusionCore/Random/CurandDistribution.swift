import Glibc

/// The distributions of cuRAND's device functions, each from one block of four Philox words (`curand_uniform.h`,
/// `curand_normal.h`).
///
/// Uniforms are exact. Normals differ from a card's in their last bits, because a card takes sine and cosine from its
/// special-function unit (`__sincosf`), which no document specifies.
package enum CurandDistribution {
  /// Four uniforms of (0, 1] (`curand_uniform4`).
  package static func uniforms(_ words: SIMD4<UInt32>) -> SIMD4<Float> {
    SIMD4(uniform(words[0]), uniform(words[1]), uniform(words[2]), uniform(words[3]))
  }

  /// Four standard normals (`curand_normal4`).
  package static func normals(_ words: SIMD4<UInt32>) -> SIMD4<Float> {
    let (first, second) = (pair(words[0], words[1]), pair(words[2], words[3]))
    return SIMD4(first.0, first.1, second.0, second.1)
  }

  /// Two uniforms of (0, 1] (`curand_uniform2_double`).
  package static func doubleUniforms(_ words: SIMD4<UInt32>) -> SIMD2<Double> {
    SIMD2(uniform(words[0], words[1]), uniform(words[2], words[3]))
  }

  /// Two standard normals (`curand_normal2_double`).
  package static func doubleNormals(_ words: SIMD4<UInt32>) -> SIMD2<Double> {
    let radius = (-2 * log(uniform(words[0], words[1]))).squareRoot()
    let halfTurns = Double(fraction(words[2], words[3])) * 0x1p-52 + 0x1p-53
    // Subtracting whole quarter turns is exact; only the rest, at most an eighth of a turn, is multiplied by pi.
    let quarters = (2 * halfTurns).rounded()
    let angle = (halfTurns - quarters / 2) * Double.pi
    var (sine, cosine) = (sin(angle), cos(angle))
    if Int(quarters) & 1 != 0 { (sine, cosine) = (cosine, -sine) }
    if Int(quarters) & 2 != 0 { (sine, cosine) = (-sine, -cosine) }
    return SIMD2(radius * sine + 0, radius * cosine + 0)
  }

  private static func uniform(_ word: UInt32) -> Float { Float(word) * 0x1p-32 + 0x1p-33 }

  private static func uniform(_ low: UInt32, _ high: UInt32) -> Double {
    Double(fraction(low, high)) * 0x1p-53 + 0x1p-54
  }

  /// The 53 bits that cuRAND takes from two words.
  private static func fraction(_ low: UInt32, _ high: UInt32) -> UInt64 { UInt64(low) ^ UInt64(high) << 21 }

  private static func pair(_ first: UInt32, _ second: UInt32) -> (Float, Float) {
    let step: Float = 0x1p-32 * 6.283_185_5
    // nvcc contracts the product and the sum.
    let angle = (step / 2).addingProduct(Float(second), step)
    // The project's own polynomials, so that emulated noise depends on no libm.
    let radius = (-2 * CephesNormalKernel.logarithm(uniform(first))).squareRoot()
    let (sine, cosine) = CephesNormalKernel.sineAndCosine(angle)
    return (radius * sine + 0, radius * cosine + 0)
  }
}
