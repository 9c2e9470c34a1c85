/// DPM-Solver's variants.
public enum DPMSolver {
  /// What is integrated, and whether noise is added (`algorithm_type`).
  public enum Algorithm: String, Sendable, CaseIterable {
    /// The predicted noise (DPM-Solver, Lu et al. 2022, arXiv 2206.00927).
    case noise = "dpmsolver"
    /// The predicted image (DPM-Solver++, Lu et al. 2022, arXiv 2211.01095).
    case image = "dpmsolver++"
    /// The predicted noise, with fresh noise in each step.
    case stochasticNoise = "sde-dpmsolver"
    /// The predicted image, with fresh noise in each step.
    case stochasticImage = "sde-dpmsolver++"

    var integratesImage: Bool { self == .image || self == .stochasticImage }
    var isStochastic: Bool { self == .stochasticNoise || self == .stochasticImage }
  }

  /// The form of the second-order step (`solver_type`).
  public enum SolverType: String, Sendable, CaseIterable {
    /// By the midpoint.
    case midpoint
    /// By Heun's rule.
    case heun
  }

  /// The number of predictions in a multistep step.
  ///
  /// - Parameters:
  ///   - step: The index of the step.
  ///   - count: The number of steps of the run.
  ///   - known: The number of predictions from before the step.
  ///   - most: The order of the solver.
  ///   - lowersFinal: Whether the last two steps of fewer than 15 are of a lower order.
  ///   - endsFirst: Whether the last step is of the first order in any case.
  static func order(
    at step: Int, of count: Int, known: Int, most: Int, lowersFinal: Bool, endsFirst: Bool
  ) -> Int {
    let left = count - step, isShort = lowersFinal && count < 15
    if left == 1, endsFirst || isShort { return 1 }
    return max(1, min(most, step + 1, known + 1, left == 2 && isShort ? 2 : 3))
  }
}

extension ConfigurationOption {
  /// `algorithm_type`. Diffusers takes `deis` for `dpmsolver++`, but not where the last step leads to sigma 0.
  static func algorithm(_ path: Path<DPMSolver.Algorithm>, among known: [DPMSolver.Algorithm]) -> Self {
    let option = name("algorithm_type", path, among: known, replacing: ["deis": .image])
    return Self(name: option.name) {
      if let value = $0.value(option.name), value == .text("deis"), $0.value("final_sigmas_type") != .text("sigma_min")
      {
        throw $0.error(option.name, value, expected: "dpmsolver++, or final_sigmas_type sigma_min too")
      }
      try option.read($0, &$1)
    } write: {
      option.write($0)
    }
  }
}

/// The coefficients of x_t, of a prediction, of its differences and of fresh noise, the same for every element.
struct DPMSolverCoefficients {
  var sample, prediction: Float
  var first: Float = 0, second: Float = 0, noise: Float = 0

  /// - Parameters:
  ///   - end: Where the step leads to.
  ///   - start: Where it starts.
  ///   - usesSlope: Whether the first difference counts by its exact integral, as in Heun's rule and the third order.
  init(_ algorithm: DPMSolver.Algorithm, to end: SolverLevel, from start: SolverLevel, usesSlope: Bool) {
    let h = end.lambda - start.lambda
    switch algorithm {
    case .image:
      let change = FloatMath.exp(-h) - 1, factor = end.alpha * change
      (sample, prediction) = (end.sigma / start.sigma, -factor)
      first = usesSlope ? end.alpha * (change / h + 1) : -(0.5 * factor)
      second = -(end.alpha * ((change + h) / (h * h) - 0.5))
    case .noise:
      let change = FloatMath.exp(h) - 1, factor = end.sigma * change
      (sample, prediction) = (end.alpha / start.alpha, -factor)
      first = usesSlope ? -(end.sigma * (change / h - 1)) : -(0.5 * factor)
      second = -(end.sigma * ((change - h) / (h * h) - 0.5))
    case .stochasticImage:
      let change = 1 - FloatMath.exp(-2 * h), factor = end.alpha * change
      (sample, prediction) = (end.sigma / start.sigma * FloatMath.exp(-h), factor)
      first = usesSlope ? end.alpha * (change / (-2 * h) + 1) : 0.5 * factor
      second = end.alpha * ((change - 2 * h) / ((2 * h) * (2 * h)) - 0.5)
      noise = end.sigma * change.squareRoot()
    case .stochasticNoise:
      let change = FloatMath.exp(h) - 1, factor = end.sigma * change
      (sample, prediction) = (end.alpha / start.alpha, -(2 * factor))
      first = usesSlope ? -(2 * (end.sigma * (change / h - 1))) : -factor
      noise = end.sigma * (FloatMath.exp(2 * h) - 1).squareRoot()
    }
  }
}

/// A multistep update of DPM-Solver, of order 1 to 3: a sum of x_t, the last prediction, differences of the last
/// predictions and fresh noise.
struct DPMSolverUpdate {
  static let first = UpdateTerms.Operand(.init("D\u{2081}", ascii: "D1"), "first difference of predictions")
  static let second = UpdateTerms.Operand(.init("D\u{2082}", ascii: "D2"), "second difference of predictions")

  /// Where the step leads to, where it starts, and where the steps before started: one more than the order.
  let levels: [SolverLevel]
  let algorithm: DPMSolver.Algorithm
  let solverType: DPMSolver.SolverType

  private var order: Int { levels.count - 1 }

  /// The step as a sum.
  var terms: [UpdateTerms.Term] {
    let coefficients = DPMSolverCoefficients(
      algorithm, to: levels[0], from: levels[1], usesSlope: order > 2 || solverType == .heun)
    let operand = algorithm.integratesImage ? UpdateTerms.Operand.predOriginalSample : .predEpsilon
    var terms = [
      UpdateTerms.Term(.init("c_x"), coefficients.sample, .sample),
      UpdateTerms.Term(.init("c_0"), coefficients.prediction, operand),
    ]
    if order > 1 { terms.append(.init(.init("c_1"), coefficients.first, Self.first)) }
    if order > 2 { terms.append(.init(.init("c_2"), coefficients.second, Self.second)) }
    if algorithm.isStochastic { terms.append(.init(.init("c_z"), coefficients.noise, .noise)) }
    return terms
  }

  /// The differences that the step uses.
  ///
  /// - Parameter predictions: The last ones, the newest last; at least as many as the order.
  func differences(_ predictions: [[Float]]) -> [UpdateTerms.Operand: [Float]] {
    guard order > 1 else { return [:] }
    let steps = zip(levels, levels.dropFirst()).map { $0.lambda - $1.lambda }
    let ratios = steps.dropFirst().map { $0 / steps[0] }
    let newest = Array(predictions.reversed())
    let slopes = ratios.indices.map { index in
      zip(newest[index], newest[index + 1]).map { (1 / ratios[index]) * ($0 - $1) }
    }
    guard order > 2 else { return [Self.first: slopes[0]] }
    let sum = ratios[0] + ratios[1]
    return [
      Self.first: zip(slopes[0], slopes[1]).map { $0 + (ratios[0] / sum) * ($0 - $1) },
      Self.second: zip(slopes[0], slopes[1]).map { (1 / sum) * ($0 - $1) },
    ]
  }
}

extension UpdateTerms.Term {
  /// The sum of products for each element, in the order of the terms, each operation rounded by itself.
  static func sum(_ terms: [Self], _ operands: [UpdateTerms.Operand: [Float]]) -> [Float] {
    terms.dropFirst().reduce(terms.first?.product(operands) ?? []) { sum, term in
      zip(sum, term.product(operands)).map { $0 + $1 }
    }
  }

  private func product(_ operands: [UpdateTerms.Operand: [Float]]) -> [Float] {
    operands[operand, default: []].map { coefficient * $0 }
  }
}
