/// A step of UniPC, a predictor or a corrector: a sum of x_t, the last prediction and a weighted sum of the differences
/// of predictions.
struct UniPCUpdate {
  static let corrected = UpdateTerms.Operand(.init("x\u{0302}_t", ascii: "xh_t"), "corrected sample")
  static let differences = UpdateTerms.Operand(.init("D"), "weighted differences of predictions")

  /// The number of predictions, that at the end of a corrector's step not counted.
  let order: Int
  /// The factors of x_t, of the last prediction and of the sum of differences.
  let sample, prediction, difference: Float
  /// The steps of lambda to earlier predictions, in steps of this one.
  private let ratios: [Float]
  /// The weights of the differences.
  private let weights: [Float]

  /// - Parameters:
  ///   - levels: Where the step leads to, where it starts, and where the steps before started: one more than the order.
  ///   - integratesImage: Whether predictions are images.
  ///   - solverType: What the weights are multiples of.
  ///   - corrects: Whether the prediction at the end of the step is known.
  /// - Throws: ``DiffusionError`` (`usage`) if weights cannot be solved for.
  init(
    _ levels: [SolverLevel], integratesImage: Bool, solverType: UniPCMultistepSchedulerConfig.SolverType, corrects: Bool
  ) throws {
    let (end, start) = (levels[0], levels[1]), h = end.lambda - start.lambda
    let hh = integratesImage ? -h : h, change = FloatMath.expm1(hh)
    let scale = solverType == .bh1 ? hh : change, factor = integratesImage ? end.alpha : end.sigma
    sample = integratesImage ? end.sigma / start.sigma : end.alpha / start.alpha
    prediction = -(factor * change)
    difference = -(factor * scale)
    ratios = levels.dropFirst(2).map { ($0.lambda - start.lambda) / h }
    order = levels.count - 1
    let unknowns = corrects ? order : order - 1
    guard corrects ? order > 1 : order > 2 else {
      weights = [Float](repeating: 0.5, count: unknowns)
      return
    }
    var phi = change / hh - 1, factorial: Float = 1
    var (rows, right): ([[Float]], [Float]) = ([], [])
    for power in 0..<order {
      rows.append(
        (ratios + [1]).prefix(unknowns).map { base in (0..<power).reduce(1) { product, _ in product * base } })
      right.append(phi * factorial / scale)
      factorial *= Float(power + 2)
      phi = phi / hh - Float(1 / Double(factorial))
    }
    weights = try Self.solution(of: Array(rows.prefix(unknowns)), Array(right.prefix(unknowns)))
  }

  /// The step as a sum.
  func terms(of sample: UpdateTerms.Operand, _ prediction: UpdateTerms.Operand) -> [UpdateTerms.Term] {
    [
      .init(.init("c_x"), self.sample, sample), .init(.init("c_0"), self.prediction, prediction),
      .init(.init("c_1"), difference, Self.differences),
    ]
  }

  /// The weighted sum of the differences from the last prediction.
  ///
  /// - Parameters:
  ///   - predictions: The last ones, the newest last.
  ///   - next: The prediction at the end of the step, for a corrector.
  func differences(_ predictions: [[Float]], next: [Float]? = nil) -> [Float] {
    let newest = Array(predictions.reversed())
    var sum = [Float](repeating: 0, count: newest[0].count)
    for (age, (ratio, weight)) in zip(ratios, weights).enumerated() {
      for index in sum.indices { sum[index] += weight * ((newest[age + 1][index] - newest[0][index]) / ratio) }
    }
    if let next, let weight = weights.last {
      for index in sum.indices { sum[index] += weight * (next[index] - newest[0][index]) }
    }
    return sum
  }

  /// The solution of linear equations by Gaussian elimination with the largest pivots, in binary32, in the order of
  /// LAPACK: divisions by pivots are products with their reciprocals, and what is subtracted is added up first.
  private static func solution(of matrix: [[Float]], _ right: [Float]) throws -> [Float] {
    var (rows, right) = (matrix, right)
    let count = rows.count
    for column in 0..<count {
      let best = (column..<count).reduce(column) {
        rows[$1][column].magnitude > rows[$0][column].magnitude ? $1 : $0
      }
      rows.swapAt(column, best)
      right.swapAt(column, best)
      let pivot = rows[column][column]
      guard pivot != 0 else {
        throw DiffusionError(
          .usage,
          "solver_order \(count + 1): two of the last steps start at the same sigma, or the last leads to 0; set "
            + "a lower order, or lower_order_final")
      }
      for row in rows.indices.dropFirst(column + 1) {
        rows[row][column] *= 1 / pivot
        for other in rows.indices.dropFirst(column + 1) {
          rows[row][other] -= rows[row][column] * rows[column][other]
        }
      }
    }
    func sum(_ row: Int, _ columns: Range<Int>) -> Float {
      columns.reduce(0) { $0 + rows[row][$1] * right[$1] }
    }
    for row in rows.indices { right[row] -= sum(row, 0..<row) }
    for row in rows.indices.reversed() {
      right[row] = (right[row] - sum(row, row + 1..<count)) * (1 / rows[row][row])
    }
    return right
  }
}

extension FloatMath {
  /// e^x - 1.
  static func expm1(_ x: Float) -> Float {
    guard x.magnitude <= 200 else { return exp(x) - 1 }
    return x.magnitude < 0x1p-20 ? x : Float(DoubleMath.exp(Double(x)) - 1)
  }
}
