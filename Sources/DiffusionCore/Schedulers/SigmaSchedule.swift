/// The sigmas of training, noise levels sqrt((1 - alpha-bar) / alpha-bar), and Diffusers' ways of choosing those of a
/// run.
///
/// As in Diffusers, the training sigmas and their logarithms are binary32, and everything computed from them is
/// binary64, as in numpy; ``DoubleMath`` replaces its exponentials and logarithms.
struct SigmaSchedule: Sendable {
  /// How the sigmas between the largest and the smallest are spaced.
  enum Spacing: Sendable, Equatable {
    /// The sigmas of the timesteps.
    case timesteps
    /// Evenly in their seventh roots (Karras et al. 2022, arXiv 2206.00364).
    case karras
    /// Evenly in their logarithms.
    case exponential
    /// By the quantiles of a beta distribution (Lee et al. 2024, arXiv 2407.12173).
    case beta
    /// Evenly in the logarithms of the training sigmas, as binary32 (Lu et al. 2022, arXiv 2206.00927).
    case lu
    /// Evenly from nearly 1 to above 0, then shifted towards 1 (flow matching; Esser et al. 2024, arXiv 2403.03206).
    case flow(shift: Double)
  }

  /// Cumulative products of 1 - beta, one for each training timestep.
  let alphasCumprod: [Float]
  /// One for each training timestep, from small to large.
  let training: [Float]
  private let logarithms: [Float]

  /// Creates the sigmas of a configuration's betas.
  ///
  /// - Parameters:
  ///   - config: The betas.
  ///   - rescaledToZeroSNR: Whether they are rescaled so that the last product of alphas is nearly 0.
  ///   - logarithm: Rounds to binary32 in its own way, which decides between two whole timesteps now and then.
  init(
    _ config: some BetaConfiguration, rescaledToZeroSNR: Bool = false, logarithm: (Float) -> Float = FloatMath.log
  ) {
    var products = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: rescaledToZeroSNR))
    // The smallest subnormal number of binary16 instead of 0, so that the first sigma is finite.
    if rescaledToZeroSNR, !products.isEmpty { products[products.count - 1] = 0x1p-24 }
    alphasCumprod = products
    training = products.map { ((1 - $0) / $0).squareRoot() }
    logarithms = training.map(logarithm)
  }

  /// The sigmas of timesteps, linearly interpolated (`numpy.interp`); constant beyond the ends of the table.
  func interpolated(at timesteps: [Double]) -> [Double] {
    timesteps.map { timestep in
      guard timestep > 0 else { return Double(training[0]) }
      let last = training.count - 1
      guard timestep < Double(last) else { return Double(training[last]) }
      let index = Int(timestep), low = Double(training[index])
      return (Double(training[index + 1]) - low) * (timestep - Double(index)) + low
    }
  }

  /// Sigmas from the largest to the smallest of the table, evenly spaced in their logarithms (`log_linear`).
  func logLinear(count: Int) -> [Double] {
    guard let first = logarithms.first, let last = logarithms.last else { return [] }
    return NoiseSchedule.linspace(last, first, count: count).map { Double(FloatMath.exp($0)) }
  }

  /// Respaces the sigmas of a run.
  ///
  /// - Parameters:
  ///   - sigmas: The sigmas of the timesteps, from large to small.
  ///   - range: The smallest and the largest; nil for the ends of `sigmas`.
  ///   - count: The number of steps of the run.
  /// - Throws: ``DiffusionError`` (`usage`) for an end that has no logarithm.
  func respaced(
    _ sigmas: [Double], _ spacing: Spacing, range: (min: Double?, max: Double?), count: Int
  ) throws -> [Double] {
    switch spacing {
    case .timesteps: return sigmas
    case .flow(let shift):
      return Self.linspace(1, 1 / Double(training.count), count: count + 1).dropFirst().reversed().map {
        let sigma = 1 - $0
        return shift * sigma / (1 + (shift - 1) * sigma)
      }
    case .lu:
      let (first, last) = (Double(logarithms.last ?? 0), Double(logarithms.first ?? 0))
      return Self.linspace(0, 1, count: count).map { DoubleMath.exp(first + $0 * (last - first)) }
    case .karras, .exponential, .beta:
      return try Self.respaced(
        spacing, from: range.max ?? sigmas.first ?? 0, to: range.min ?? sigmas.last ?? 0, count: count)
    }
  }

  /// Sigmas between two of them by `karras`, `exponential` or `beta` spacing.
  ///
  /// - Throws: As ``respaced(_:_:range:count:)``.
  static func respaced(_ spacing: Spacing, from high: Double, to low: Double, count: Int) throws -> [Double] {
    switch spacing {
    case .karras:
      let (first, last) = (DoubleMath.pow(high, 1 / 7.0), DoubleMath.pow(low, 1 / 7.0))
      return linspace(0, 1, count: count).map { DoubleMath.pow(first + $0 * (last - first), 7) }
    case .exponential:
      guard !(low <= 0), !(high <= 0), !low.isInfinite, !high.isInfinite else {
        throw DiffusionError(
          .usage, "use_exponential_sigmas: sigmas from \(high) to \(low): expected finite ones above 0; set sigma_min")
      }
      guard !low.isNaN, !high.isNaN else { return Array(repeating: .nan, count: count) }
      return linspace(DoubleMath.log(high), DoubleMath.log(low), count: count).map(DoubleMath.exp)
    case .beta:
      return linspace(0, 1, count: count).map { low + BetaDistribution.quantile(1 - $0) * (high - low) }
    case .timesteps, .lu, .flow:
      return linspace(high, low, count: count)
    }
  }

  /// The timestep of a sigma, linearly interpolated in its logarithm (`_sigma_to_t`).
  func timestep(of sigma: Double) -> Double { timestep(ofLogarithm: DoubleMath.log(max(sigma, 1e-10))) }

  /// The timestep of a binary32 sigma, all in binary32, as where Diffusers passes tensors to `_sigma_to_t`.
  func timestep(of sigma: Float) -> Float { timestep(ofLogarithm: FloatMath.log(max(sigma, 1e-10))) }

  private func timestep<Real: BinaryFloatingPoint>(ofLogarithm logSigma: Real) -> Real {
    let below = logarithms.lastIndex { logSigma - Real($0) >= 0 } ?? 0
    let low = min(below, logarithms.count - 2)
    guard low >= 0 else { return 0 }
    let place = (Real(logarithms[low]) - logSigma) / Real(logarithms[low] - logarithms[low + 1])
    let share = place.isNaN ? .nan : min(1, max(0, place))
    return (1 - share) * Real(low) + share * Real(low + 1)
  }

  /// The steps of a run below a sigma, with one at the sigma itself in front of them.
  ///
  /// - Parameters:
  ///   - timesteps: The timesteps of the run.
  ///   - sigmas: Its sigmas, one for each timestep and the last one.
  ///   - sigma: Where to cut.
  ///   - timestep: The timestep of that sigma if it is none of the run's.
  static func cut(
    _ timesteps: [Float], _ sigmas: [Float], at sigma: Float, _ timestep: Float
  ) -> (timesteps: [Float], sigmas: [Float]) {
    let below = timesteps.indices.filter { sigmas[$0] < sigma }
    let first = timesteps.indices.first { sigmas[$0] == sigma }.map { timesteps[$0] } ?? timestep
    return ([first] + below.map { timesteps[$0] }, [sigma] + below.map { sigmas[$0] } + sigmas[timesteps.count...])
  }

  /// Evenly spaced numbers as `numpy.linspace` computes them.
  static func linspace(_ start: Double, _ end: Double, count: Int) -> [Double] {
    guard count > 1 else { return [start] }
    let step = (end - start) / Double(count - 1)
    return (0..<count).map { $0 == count - 1 ? end : Double($0) * step + start }
  }
}

/// The beta distribution with both parameters 0.6, symmetric about 1/2.
enum BetaDistribution {
  private static let parameter = 0.6
  /// B(0.6, 0.6) = gamma(0.6)^2 / gamma(1.2).
  private static let completeBeta = 2.415344208002471

  /// The quantile of a cumulative probability (`scipy.stats.beta.ppf`), within 1e-14, for 0 <= share <= 1.
  static func quantile(_ share: Double) -> Double {
    if share <= 0 { return 0 }
    if share >= 1 { return 1 }
    guard share <= 0.5 else { return 1 - quantile(1 - share) }
    // The cumulative probability increases with x, so bisection finds it, to the last bits.
    var low = 0.0, high = 0.5
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if cumulative(middle) < share { low = middle } else { high = middle }
    }
    return (low + high) / 2
  }

  /// The regularised incomplete beta function for 0 < x <= 1/2, by its series:
  /// x^a / B sum of (1 - b)(2 - b)...(n - b) / n! x^n / (a + n).
  private static func cumulative(_ x: Double) -> Double {
    var (power, sum) = (1.0, 1 / parameter)
    for n in 1...60 {
      power *= (Double(n) - parameter) / Double(n) * x
      sum += power / (parameter + Double(n))
    }
    return DoubleMath.pow(x, parameter) * sum / completeBeta
  }
}

/// Binary32 functions rounded from ``DoubleMath``: the same bits on every machine.
enum FloatMath {
  /// e^x; 0 and infinity beyond the range of binary32.
  static func exp(_ x: Float) -> Float {
    guard x.magnitude <= 200 else { return x.isNaN ? x : x < 0 ? 0 : .infinity }
    return Float(DoubleMath.exp(Double(x)))
  }

  /// The natural logarithm: NaN below 0, minus infinity at 0.
  static func log(_ x: Float) -> Float { Float(DoubleMath.log(Double(x))) }
}

extension DoubleMath {
  /// x^y for x >= 0, through the logarithm: within 1e-14, relative, where the result lies between 1e-30 and 1e30.
  static func pow(_ x: Double, _ y: Double) -> Double {
    if x == 0 { return y == 0 ? 1 : 0 }
    let power = y * log(x)
    guard power.magnitude <= 700 else { return power.isNaN ? power : power < 0 ? 0 : .infinity }
    return exp(power)
  }
}
