/// A step of SA-Solver, a predictor (Adams-Bashforth) or a corrector (Adams-Moulton): a sum of x_t, the last
/// predictions and fresh noise. The weights are the integrals of Lagrange's polynomials times an exponential.
struct SASolverUpdate {
  /// The factors of x_t and of fresh noise.
  let sample, noise: Float
  /// The factors of the predictions, the newest first.
  let weights: [Float]

  /// - Parameters:
  ///   - end: Where the step leads to.
  ///   - start: Where it starts.
  ///   - nodes: The lambdas of the predictions, the newest first.
  ///   - integratesImage: Whether predictions are images.
  ///   - tau: How much noise is added: 0 for none, 1 for that of the stochastic equation.
  ///   - corrects: Whether the first node is the end of the step.
  /// - Throws: ``DiffusionError`` (`usage`) for an order outside 1 to 4.
  init(
    to end: SolverLevel, from start: SolverLevel, nodes: [Float], integratesImage: Bool, tau: Float, corrects: Bool
  ) throws {
    guard (1...4).contains(nodes.count) else {
      throw DiffusionError(
        .usage, "\(corrects ? "corrector" : "predictor")_order: a step of order \(nodes.count): expected 1 to 4")
    }
    let h = end.lambda - start.lambda, k = 1 + tau * tau
    let integrals = (0..<nodes.count).map {
      integratesImage
        ? Self.imageIntegral($0, from: start.lambda, to: end.lambda, k)
        : Self.noiseIntegral($0, from: start.lambda, to: end.lambda)
    }
    var coefficients = nodes.indices.map { own in
      zip(Self.polynomial(nodes, own), integrals.reversed()).reduce(0) { $0 + $1.0 * $1.1 }
    }
    if integratesImage {
      sample = FloatMath.exp(-(tau * tau) * h) * (end.sigma / start.sigma)
      noise = end.sigma * (1 - FloatMath.exp(-2 * (tau * tau) * h)).squareRoot()
      if nodes.count == 2 {
        // Diffusers' own addition, so that order 2 without noise is that of DPM-Solver++.
        let factor = FloatMath.exp(k * end.lambda), rest = h * k - 1 + FloatMath.exp(k * -h)
        let addition =
          corrects
          ? factor * (h / 2 - rest / (k * k * h)) : factor * (h * h / 2 - rest / (k * k)) / (start.lambda - nodes[1])
        coefficients[0] += addition
        coefficients[1] -= addition
      }
      let scale = k * end.sigma * FloatMath.exp(-(tau * tau) * end.lambda)
      weights = coefficients.map { scale * $0 }
    } else {
      sample = end.alpha / start.alpha
      noise = tau * end.sigma * (FloatMath.exp(2 * h) - 1).squareRoot()
      weights = coefficients.map { -k * end.alpha * $0 }
    }
  }

  /// The coefficients of the polynomial that is 1 at one node and 0 at the others, of the highest power first.
  private static func polynomial(_ nodes: [Float], _ own: Int) -> [Float] {
    let others = nodes.indices.filter { $0 != own }.map { nodes[$0] }
    guard let first = others.first else { return [1] }
    let divisor = others.dropFirst().reduce(nodes[own] - first) { $0 * (nodes[own] - $1) }
    switch others.count {
    case 1: return [1 / divisor, -first / divisor]
    case 2: return [1 / divisor, (-first - others[1]) / divisor, first * others[1] / divisor]
    default:
      let (b, c) = (others[1], others[2])
      return [
        1 / divisor, (-first - b - c) / divisor, (first * b + first * c + b * c) / divisor, -first * b * c / divisor,
      ]
    }
  }

  /// The integral of e^(k x) x^power, times k^power, from `start` to `end`.
  private static func imageIntegral(_ power: Int, from start: Float, to end: Float, _ k: Float) -> Float {
    let (e, s) = (k * end, k * start), decay = FloatMath.exp(-(e - s))
    let difference: Float
    switch power {
    case 0: difference = 1 - decay
    case 1: difference = e - 1 - (s - 1) * decay
    case 2: difference = e * e - 2 * e + 2 - (s * s - 2 * s + 2) * decay
    default:
      let last = e * e * e - 3 * (e * e) + 6 * e - 6
      difference = last - (s * s * s - 3 * (s * s) + 6 * s - 6) * decay
    }
    return FloatMath.exp(e) * difference / (0..<power).reduce(k) { product, _ in product * k }
  }

  /// The integral of e^-x x^power from `start` to `end`.
  private static func noiseIntegral(_ power: Int, from start: Float, to end: Float) -> Float {
    let growth = FloatMath.exp(end - start)
    let difference: Float
    switch power {
    case 0: difference = growth - 1
    case 1: difference = (start + 1) * growth - (end + 1)
    case 2: difference = (start * start + 2 * start + 2) * growth - (end * end + 2 * end + 2)
    default:
      let first = start * start * start + 3 * (start * start) + 6 * start + 6
      difference = first * growth - (end * end * end + 3 * (end * end) + 6 * end + 6)
    }
    return FloatMath.exp(-end) * difference
  }

  /// The step's result: the predictions are added up by themselves.
  ///
  /// - Parameter predictions: The newest first, one for each weight.
  func result(_ sample: [Float], _ predictions: [[Float]], noise drawn: [Float]) -> [Float] {
    var sum = [Float](repeating: 0, count: sample.count)
    for (weight, prediction) in zip(weights, predictions) {
      for index in sum.indices { sum[index] += weight * prediction[index] }
    }
    return sum.indices.map { self.sample * sample[$0] + sum[$0] + noise * drawn[$0] }
  }
}
