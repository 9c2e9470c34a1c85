/// The scalar functions of the forward pass, which the vector versions equal bit for bit.
package enum ScalarMath {
  /// e^x within 1 ulp of binary32: x = n ln 2 + r with |r| <= ln 2 / 2, and a minimax polynomial for (e^r - 1 - r) /
  /// r^2. The power of two is applied in two factors, so that infinities, denormals and zero result from rounding
  /// alone.
  package static func exp(_ value: Float) -> Float {
    var x = value
    if x > 89 { x = 89 }
    if x < -104 { x = -104 }
    let magic: Float = 0x1.8p23
    let shifted = magic.addingProduct(x, 0x1.715476p0)
    let n = shifted - magic
    var r = x.addingProduct(n, -0x1.63p-1)
    r = r.addingProduct(n, 0x1.bd0106p-13)
    var p: Float = 0x1.9f0888p-13
    p = Float(0x1.6d8d52p-10).addingProduct(p, r)
    p = Float(0x1.111272p-7).addingProduct(p, r)
    p = Float(0x1.55548ep-5).addingProduct(p, r)
    p = Float(0x1.555554p-3).addingProduct(p, r)
    p = Float(0.5).addingProduct(p, r)
    p = r.addingProduct(p, r * r) + 1
    let exponent = Int32(bitPattern: shifted.bitPattern) &- Int32(bitPattern: magic.bitPattern)
    let half = exponent >> 1
    return p * powerOfTwo(half) * powerOfTwo(exponent &- half)
  }

  /// x / (1 + e^-x).
  package static func silu(_ x: Float) -> Float { x / (1 + exp(-x)) }

  /// The value, with a single NaN: IEEE 754 does not specify which NaN results from an operation, and processors
  /// differ. All values that a kernel writes have this form.
  package static func canonical(_ x: Float) -> Float { x.isNaN ? Float(bitPattern: 0x7FC0_0000) : x }

  private static func powerOfTwo(_ exponent: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: (exponent &+ 127) &<< 23))
  }
}
