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

  /// x / (1 + e^(-1.702 x)).
  package static func quickGELU(_ x: Float) -> Float { x / (1 + exp(-1.702 * x)) }

  /// x tanh(ln(1 + e^x)) as x n / (n + 2) with n = e^x (e^x + 2).
  package static func mish(_ x: Float) -> Float {
    let e = exp(x > 20 ? 20 : x), n = e * (e + 2)
    return x * (n / (n + 2))
  }

  /// x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))) / 2, with the tangent as an exponential.
  package static func tanhGELU(_ x: Float) -> Float {
    x / (1 + exp(-0x1.988454p0 * (x * Float(1).addingProduct(0x1.6e4e26p-5, x * x))))
  }

  /// x times the normal distribution's cumulative function: an odd polynomial plus a half near 0, elsewhere max(x, 0)
  /// less |x| times the upper tail, which is the density times a polynomial in (t - 3) / (t + 3).
  package static func gelu(_ x: Float) -> Float {
    if x.magnitude < 1 { return x * Float(0.5).addingProduct(polynomial(near, x * x), x) }
    let t = x.magnitude > 16 ? 16 : x.magnitude, square = t * t
    let low = (-square).addingProduct(t, t), density = exp(-0.5 * square)
    let tail = t * polynomial(far, (t - 3) / (t + 3)) * density.addingProduct(density, -0.5 * low)
    return (x > 0 ? x : 0) - tail
  }

  /// From the highest power to the constant.
  private static let near: [Float] = [
    -0x1.00d526p-17, 0x1.dbff10p-14, -0x1.36fd42p-10, 0x1.46ce4cp-7, -0x1.105832p-4, 0x1.988454p-2,
  ]
  /// From the highest power to the constant.
  private static let far: [Float] = [
    0x1.11c918p-15, 0x1.16e94ep-13, -0x1.591dd8p-12, -0x1.04854ap-10, 0x1.7c8610p-9, 0x1.91fe5ap-8, -0x1.7a944ap-5,
    0x1.f8bab2p-4, -0x1.a6b66ap-3, 0x1.f1b89cp-4,
  ]

  private static func polynomial(_ coefficients: [Float], _ x: Float) -> Float {
    coefficients.dropFirst().reduce(coefficients[0]) { sum, coefficient in coefficient.addingProduct(sum, x) }
  }

  /// The sum of 16 lanes: a tree 8, 4, 2, 1.
  package static func sum(lanes: [Float]) -> Float {
    var lanes = lanes
    for width in [8, 4, 2, 1] {
      for lane in 0..<width { lanes[lane] = lanes[lane] + lanes[lane + width] }
    }
    return lanes[0]
  }

  /// The value, with a single NaN: IEEE 754 does not specify which NaN results from an operation, and processors
  /// differ. All values that a kernel writes have this form.
  package static func canonical(_ x: Float) -> Float { x.isNaN ? Float(bitPattern: 0x7FC0_0000) : x }

  private static func powerOfTwo(_ exponent: Int32) -> Float {
    Float(bitPattern: UInt32(bitPattern: (exponent &+ 127) &<< 23))
  }
}
