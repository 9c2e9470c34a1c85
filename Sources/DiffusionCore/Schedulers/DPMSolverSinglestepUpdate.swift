/// A step of the singlestep method: a sum of the sample that the method started from, the prediction there, differences
/// from it and fresh noise.
struct DPMSolverSinglestepUpdate {
  static let start = UpdateTerms.Operand(.init("x_s"), "the sample that the method started from")
  static let prediction = UpdateTerms.Operand(.init("m_s"), "the prediction that the method started from")

  /// Where the step leads to, where it starts, and where the steps before started: one more than the order.
  let levels: [SolverLevel]
  let algorithm: DPMSolver.Algorithm
  let solverType: DPMSolver.SolverType

  private var order: Int { levels.count - 1 }

  /// The step as a sum.
  var terms: [UpdateTerms.Term] {
    guard order > 1 else { return DPMSolverUpdate(levels: levels, algorithm: algorithm, solverType: solverType).terms }
    let coefficients = DPMSolverCoefficients(
      algorithm, to: levels[0], from: levels[order], usesSlope: order > 2 || solverType == .heun)
    var terms = [
      UpdateTerms.Term(.init("c_x"), coefficients.sample, Self.start),
      UpdateTerms.Term(.init("c_0"), coefficients.prediction, Self.prediction),
      UpdateTerms.Term(.init("c_1"), coefficients.first, DPMSolverUpdate.first),
    ]
    if order > 2, solverType == .heun {
      terms.append(.init(.init("c_2"), coefficients.second, DPMSolverUpdate.second))
    }
    if algorithm.isStochastic { terms.append(.init(.init("c_z"), coefficients.noise, .noise)) }
    return terms
  }

  /// The operands of the sum that are no tensors of every step.
  ///
  /// - Parameters:
  ///   - predictions: The last ones, the newest last; at least as many as the order.
  ///   - sample: The sample that the method started from.
  func operands(_ predictions: [[Float]], sample: [Float]) -> [UpdateTerms.Operand: [Float]] {
    guard order > 1 else { return [:] }
    let used = predictions.suffix(order), base = used[used.startIndex]
    let start = levels[order].lambda, h = levels[0].lambda - start
    // From the newest to the second.
    let slopes = zip(levels.dropFirst(), used.reversed()).prefix(order - 1).map { level, prediction in
      let ratio = (level.lambda - start) / h
      return (ratio: ratio, values: zip(prediction, base).map { (1 / ratio) * ($0 - $1) })
    }
    var operands = [Self.start: sample, Self.prediction: base, DPMSolverUpdate.first: slopes[0].values]
    guard order > 2, solverType == .heun else { return operands }
    let (newest, second) = (slopes[0], slopes[1]), gap = newest.ratio - second.ratio
    operands[DPMSolverUpdate.first] = zip(newest.values, second.values).map {
      (newest.ratio * $1 - second.ratio * $0) / gap
    }
    operands[DPMSolverUpdate.second] = zip(newest.values, second.values).map { 2 * ($0 - $1) / gap }
    return operands
  }
}
