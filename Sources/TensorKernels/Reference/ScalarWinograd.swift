import CTensorKernels

/// The transforms of Winograd's convolution F(m x m, 3 x 3) (Lavin and Gray 2016, arXiv 1509.09308), scalar. All tiles
/// are square, row by row; every transform handles the columns first, then the rows.
///
/// Interpolation points: 0, 1, -1, infinity for m = 2; 0, a, -a, b, -b, infinity for m = 4.
package struct ScalarWinograd: Sendable {
  private static let a: Float = 0.75
  private static let b: Float = 1.5

  /// The side of a tile of outputs, m.
  package let outputs: Int
  /// The side of a tile of inputs, m + 2.
  package var inputs: Int { outputs + 2 }

  /// Creates the transforms of an algorithm.
  package init(_ algorithm: ctk_algorithm) {
    outputs = algorithm == ctk_winograd_4x4 ? 4 : 2
  }

  /// B^T d B.
  package func input(_ tile: [Float]) -> [Float] { transform(tile, side: inputs, to: inputs, input1D) }

  /// A^T m A.
  package func output(_ sums: [Float]) -> [Float] { transform(sums, side: inputs, to: outputs, output1D) }

  /// G g G^T in binary64, then rounded.
  package func weights(_ taps: [Float]) -> [Float] {
    transform(taps.map(Double.init), side: 3, to: inputs, weights1D).map { Float($0) }
  }

  private func transform<Scalar>(
    _ tile: [Scalar], side: Int, to size: Int, _ transform1D: ([Scalar]) -> [Scalar]
  ) -> [Scalar] {
    let columns = (0..<side).map { x in transform1D((0..<side).map { y in tile[y * side + x] }) }
    return (0..<size).flatMap { y in transform1D(columns.map { $0[y] }) }
  }

  private func input1D(_ d: [Float]) -> [Float] {
    guard outputs == 4 else { return [d[0] - d[2], d[1] + d[2], d[2] - d[1], d[1] - d[3]] }
    let (a, b) = (Self.a, Self.b), (aa, bb) = (a * a, b * b)
    let evenA = d[4].addingProduct(-bb, d[2]), oddA = d[3].addingProduct(-bb, d[1])
    let evenB = d[4].addingProduct(-aa, d[2]), oddB = d[3].addingProduct(-aa, d[1])
    return [
      d[4].addingProduct(-(aa + bb), d[2]).addingProduct(aa * bb, d[0]),
      evenA.addingProduct(a, oddA), evenA.addingProduct(-a, oddA),
      evenB.addingProduct(b, oddB), evenB.addingProduct(-b, oddB),
      d[5].addingProduct(-(aa + bb), d[3]).addingProduct(aa * bb, d[1]),
    ]
  }

  private func output1D(_ m: [Float]) -> [Float] {
    let sum = m[1] + m[2], difference = m[1] - m[2]
    guard outputs == 4 else { return [m[0] + sum, difference - m[3]] }
    let (a, b) = (Self.a, Self.b)
    let sumB = m[3] + m[4], differenceB = m[3] - m[4]
    return [
      (m[0] + sum) + sumB,
      (a * difference).addingProduct(b, differenceB),
      (a * a * sum).addingProduct(b * b, sumB),
      m[5].addingProduct(a * a * a, difference).addingProduct(b * b * b, differenceB),
    ]
  }

  private func weights1D(_ g: [Double]) -> [Double] {
    guard outputs == 4 else { return [g[0], (g[0] + g[2] + g[1]) * 0.5, (g[0] + g[2] - g[1]) * 0.5, g[2]] }
    let (a, b) = (Double(Self.a), Double(Self.b)), (aa, bb) = (a * a, b * b)
    let byA = 1 / (2 * aa * (aa - bb)), byB = 1 / (2 * bb * (bb - aa))
    let evenA = g[0] + aa * g[2], evenB = g[0] + bb * g[2]
    return [
      g[0] * (1 / (aa * bb)), (evenA + a * g[1]) * byA, (evenA - a * g[1]) * byA, (evenB + b * g[1]) * byB,
      (evenB - b * g[1]) * byB, g[2],
    ]
  }
}
