import Glibc

/// The parts of PyTorch's CPU normals of 16 elements and more: uniforms of one type, and a Box-Muller transform of
/// blocks of 16 of them (`normal_fill` and `NormalFill16`, `ATen/native/cpu/DistributionTemplates.h`).
protocol NormalKernel {
  /// The type of the arithmetic.
  associatedtype Real: BinaryFloatingPoint

  /// Draws a uniform of [0, 1).
  static func uniform(from twister: inout MersenneTwister) -> Real

  /// Turns 16 uniforms into 16 normals in place; lanes j and j + 8 form a pair.
  static func transform(_ block: UnsafeMutableBufferPointer<Real>)
}

extension NormalKernel {
  /// Draws normals as `normal_fill` does: all uniforms first, then block by block. If the last block is not full, the
  /// last 16 elements are drawn again from 16 fresh uniforms.
  ///
  /// - Parameters:
  ///   - count: The number of normals, at least 16.
  ///   - drawsTail: Whether the uniforms past the last full block are drawn, only to be overwritten.
  static func normals(count: Int, drawsTail: Bool, from twister: inout MersenneTwister) -> [Real] {
    let tail = count % 16
    let drawn = drawsTail ? count : count - tail
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<drawn { buffer.initializeElement(at: index, to: uniform(from: &twister)) }
      for start in stride(from: 0, to: count - tail, by: 16) {
        transform(UnsafeMutableBufferPointer(rebasing: buffer[start..<start + 16]))
      }
      if tail != 0 {
        let last = UnsafeMutableBufferPointer(rebasing: buffer[(count - 16)..<count])
        for index in 0..<16 { last.initializeElement(at: index, to: uniform(from: &twister)) }
        transform(last)
      }
      initialized = count
    }
  }
}

/// The binary64 normals of PyTorch's CPU path, which uses the system's libm, as this does.
enum LibmNormalKernel: NormalKernel {
  static func uniform(from twister: inout MersenneTwister) -> Double { twister.uniformDouble() }

  static func transform(_ block: UnsafeMutableBufferPointer<Double>) {
    for lane in 0..<8 {
      let radius = (-2 * log(1 - block[lane])).squareRoot()
      let angle = 2 * Double.pi * block[lane + 8]
      // As in binary32, adding the mean 0 turns -0 into 0.
      block[lane] = radius * cos(angle) + 0
      block[lane + 8] = radius * sin(angle) + 0
    }
  }
}

/// The binary32 normals of PyTorch's AVX2 path: the Cephes logarithm, sine and cosine with fused multiply-adds
/// (`ATen/native/cpu/avx_mathfun.h`), one lane at a time. The only libm functions are `fmaf` and `sqrtf`, which are
/// correctly rounded everywhere.
package enum CephesNormalKernel: NormalKernel {
  static func uniform(from twister: inout MersenneTwister) -> Float { twister.uniformFloat() }

  static func transform(_ block: UnsafeMutableBufferPointer<Float>) {
    for lane in 0..<8 {
      let radius = (-2 * logarithm(1 - block[lane])).squareRoot()
      // The product is rounded once: 2 pi is a binary32 constant there.
      let (sine, cosine) = sineAndCosine(6.283_185_5 * block[lane + 8])
      // PyTorch's multiplication by the deviation 1 and addition of the mean 0 turn -0 into 0.
      block[lane] = radius * cosine + 0
      block[lane + 8] = radius * sine + 0
    }
  }

  /// a * b + c with one rounding.
  @inline(__always)
  private static func fused(_ a: Float, _ b: Float, _ c: Float) -> Float { c.addingProduct(a, b) }

  /// The natural logarithm (`log256_ps`).
  ///
  /// - Parameter value: Positive, normal and finite.
  package static func logarithm(_ value: Float) -> Float {
    let bits = value.bitPattern
    var exponent = Float(Int32(truncatingIfNeeded: bits >> 23) - 126)
    let mantissa = Float(bitPattern: (bits & 0x007F_FFFF) | 0x3F00_0000)
    var r = mantissa - 1
    if mantissa < 0.707_106_78 {
      exponent -= 1
      r += mantissa
    }
    let square = r * r
    var y = fused(7.037_683_629_2e-2, r, -1.151_461_031_0e-1)
    y = fused(y, r, 1.167_699_874_0e-1)
    y = fused(y, r, -1.242_014_084_6e-1)
    y = fused(y, r, 1.424_932_278_7e-1)
    y = fused(y, r, -1.666_805_766_5e-1)
    y = fused(y, r, 2.000_071_476_5e-1)
    y = fused(y, r, -2.499_999_399_3e-1)
    y = fused(y, r, 3.333_333_117_4e-1)
    y *= r
    y = fused(y, square, exponent * -2.121_944_40e-4)
    y = fused(square, -0.5, y)
    return fused(exponent, 0.693_359_375, r + y)
  }

  /// The sine and the cosine (`sincos256_ps`).
  ///
  /// - Parameter angle: In radians, from 0 to 8192.
  package static func sineAndCosine(_ angle: Float) -> (sine: Float, cosine: Float) {
    let octant = (Int32(angle * 1.273_239_544_735_16) + 1) & ~1
    let turns = Float(octant)
    var x = fused(turns, -0.785_156_25, angle)
    x = fused(turns, -2.418_756_484_985_351_562_5e-4, x)
    x = fused(turns, -3.774_894_977_445_941_08e-8, x)
    let square = x * x
    var cosine = fused(2.443_315_711_809_948e-5, square, -1.388_731_625_493_765e-3)
    cosine = fused(cosine, square, 4.166_664_568_298_827e-2)
    cosine *= square
    cosine = fused(cosine, square, -(0.5 * square)) + 1
    var sine = fused(-1.951_529_589_1e-4, square, 8.332_160_873_6e-3)
    sine = fused(sine, square, -1.666_665_461_1e-1)
    sine *= square
    sine = fused(sine, x, x)
    if octant & 2 != 0 { (sine, cosine) = (cosine, sine) }
    return (octant & 4 != 0 ? -sine : sine, (octant + 2) & 4 != 0 ? -cosine : cosine)
  }
}
