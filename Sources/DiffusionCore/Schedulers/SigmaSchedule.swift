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
  init(_ config: some BetaConfiguration, rescaledToZeroSNR: Bool = false) {
    var products = NoiseSchedule.alphasCumprod(config.betas(rescaledToZeroSNR: rescaledToZeroSNR))
    // The smallest subnormal number of binary16 instead of 0, so that the first sigma is finite.
    if rescaledToZeroSNR, !products.isEmpty { products[products.count - 1] = 0x1p-24 }
    self.init(alphasCumprod: products)
  }

  /// Creates the sigmas of a table.
  ///
  /// - Parameter logarithm: Rounds to binary32 in its own way, which decides between two whole timesteps now and then.
  init(alphasCumprod: [Float], logarithm: (Float) -> Float = FloatMath.log) {
    self.alphasCumprod = alphasCumprod
    training = alphasCumprod.map { ((1 - $0) / $0).squareRoot() }
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
    let low = range.min ?? sigmas.last ?? 0, high = range.max ?? sigmas.first ?? 0
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
    case .karras:
      let (first, last) = (DoubleMath.pow(high, 1 / 7.0), DoubleMath.pow(low, 1 / 7.0))
      return Self.linspace(0, 1, count: count).map { DoubleMath.pow(first + $0 * (last - first), 7) }
    case .exponential:
      guard low > 0, high > 0, low.isFinite, high.isFinite else {
        throw DiffusionError(
          .usage, "use_exponential_sigmas: sigmas from \(high) to \(low): expected finite ones above 0; set sigma_min")
      }
      return Self.linspace(DoubleMath.log(high), DoubleMath.log(low), count: count).map(DoubleMath.exp)
    case .beta:
      return Self.linspace(0, 1, count: count).map { low + BetaDistribution.quantile(1 - $0) * (high - low) }
    }
  }

  /// The timestep of a sigma, linearly interpolated in its logarithm (`_sigma_to_t`).
  func timestep(of sigma: Double) -> Double {
    let logSigma = DoubleMath.log(max(sigma, 1e-10))
    let below = logarithms.lastIndex { logSigma - Double($0) >= 0 } ?? 0
    let low = min(below, logarithms.count - 2)
    guard low >= 0 else { return 0 }
    let gap = logarithms[low] - logarithms[low + 1]
    let place = (Double(logarithms[low]) - logSigma) / Double(gap)
    let share = place.isNaN ? .nan : min(1, max(0, place))
    return (1 - share) * Double(low) + share * Double(low + 1)
  }

  /// The timestep of a binary32 sigma, all in binary32, as where Diffusers passes tensors to `_sigma_to_t`.
  func timestep(of sigma: Float) -> Float {
    let logSigma = FloatMath.log(max(sigma, 1e-10))
    let low = min(logarithms.lastIndex { logSigma - $0 >= 0 } ?? 0, logarithms.count - 2)
    guard low >= 0 else { return 0 }
    let place = (logarithms[low] - logSigma) / (logarithms[low] - logarithms[low + 1])
    let share = clamp(place, 0, 1)
    return (1 - share) * Float(low) + share * Float(low + 1)
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

/// A configuration of a scheduler that steps over sigmas.
public protocol SigmaConfiguration: BetaConfiguration {
  /// How the timesteps of a run are chosen.
  var timestepSpacing: TimestepSpacing { get set }
}

extension SigmaConfiguration {
  /// The timesteps by `timestep_spacing`: whole numbers, except for `linspace`, which Diffusers does not round here.
  func evenTimesteps(_ count: Int) -> [Double] {
    guard timestepSpacing == .linspace else {
      return timestepSpacing.timesteps(count, of: numTrainTimesteps, stepsOffset: stepsOffset).map(Double.init)
    }
    return SigmaSchedule.linspace(0, Double(numTrainTimesteps - 1), count: count).reversed().map { Double(Float($0)) }
  }
}

/// A configuration of a scheduler over sigmas that may be respaced.
public protocol RespacedSigmaConfiguration: SigmaConfiguration {
  /// Whether sigmas are evenly spaced in their seventh roots.
  var useKarrasSigmas: Bool { get set }
  /// Whether sigmas are evenly spaced in their logarithms.
  var useExponentialSigmas: Bool { get set }
  /// Whether sigmas are spaced by the quantiles of a beta distribution.
  var useBetaSigmas: Bool { get set }
}

extension RespacedSigmaConfiguration {
  /// The options of the spacing.
  static var sigmaOptions: [ConfigurationOption<Self>] {
    [
      .bool("use_karras_sigmas", \.useKarrasSigmas),
      .bool("use_exponential_sigmas", \.useExponentialSigmas),
      .bool("use_beta_sigmas", \.useBetaSigmas), .name("timestep_spacing", \.timestepSpacing),
    ]
  }

  var spacing: SigmaSchedule.Spacing {
    useKarrasSigmas ? .karras : useExponentialSigmas ? .exponential : useBetaSigmas ? .beta : .timesteps
  }

  /// Checks that at most one spacing is chosen.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the options.
  func validateSpacing() throws {
    let uses = [
      ("use_beta_sigmas", useBetaSigmas), ("use_exponential_sigmas", useExponentialSigmas),
      ("use_karras_sigmas", useKarrasSigmas),
    ]
    let chosen = uses.filter(\.1).map(\.0)
    guard chosen.count <= 1 else {
      throw DiffusionError(.badData, "\(chosen.joined(separator: " and ")) are true: expected at most one of them")
    }
  }

  /// The timesteps and the sigmas of a run, from large to small, with the spacing that is chosen.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a sigma that the spacing cannot use.
  func steps(_ count: Int, of schedule: SigmaSchedule) throws -> (timesteps: [Double], sigmas: [Double]) {
    let timesteps = evenTimesteps(count), sigmas = schedule.interpolated(at: timesteps)
    guard spacing != .timesteps else { return (timesteps, sigmas) }
    let respaced = try schedule.respaced(sigmas, spacing, range: (nil, nil), count: count)
    return (respaced.map(schedule.timestep), respaced)
  }
}

/// A scheduler over sigmas: x_t is the image plus sigma times noise, which the model sees divided by sqrt(sigma^2 + 1).
public protocol SigmaScheduler: Scheduler where Configuration: SigmaConfiguration {
  /// The noise level of each step, followed by the one that the last step leads to.
  var sigmas: [Float] { get }
}

extension SigmaScheduler {
  /// The largest sigma; for `leading` spacing, whose first timestep is not the noisiest, sqrt(sigma^2 + 1).
  public var initNoiseSigma: Float {
    let largest = sigmas.max() ?? 1
    return config.timestepSpacing == .leading ? (largest * largest + 1).squareRoot() : largest
  }

  /// The sample divided by sqrt(sigma^2 + 1).
  public func scaleModelInput(_ sample: Tensor<Float>, at step: Int) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    let divisor = (sigmas[step] * sigmas[step] + 1).squareRoot()
    return sample.map { $0 / divisor }
  }

  /// The image plus sigma times noise.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, timesteps: [Float]
  ) throws -> Tensor<Float> {
    let levels = try timesteps.map { timestep in
      guard let index = self.timesteps.firstIndex(of: timestep) else {
        throw DiffusionError(.usage, "timestep \(timestep.wholeText) is not one of the run's timesteps")
      }
      return sigmas[index]
    }
    return try noisy(originalSamples, noise, levels)
  }

  /// The image plus the step's sigma times noise: timesteps may repeat.
  public func addNoise(
    _ originalSamples: Tensor<Float>, noise: Tensor<Float>, at step: Int
  ) throws -> Tensor<Float> {
    _ = try timestep(at: step)
    return try noisy(originalSamples, noise, [sigmas[step]])
  }

  private func noisy(_ sample: Tensor<Float>, _ noise: Tensor<Float>, _ levels: [Float]) throws -> Tensor<Float> {
    let indices = try Self.timestepIndices(of: levels.count, sample, noise)
    var result = sample.scalars
    for index in result.indices { result[index] += noise.scalars[index] * levels[indices(index)] }
    return Tensor(unchecked: sample.shape, result)
  }

  /// The share of the image in x_t, in variance, at a sigma.
  static func alphaCumprod(of sigma: Float) -> Float { 1 / (sigma * sigma + 1) }
}

extension PredictionType {
  /// The original sample that a model's output predicts in a sample at a sigma (`pred_original_sample`).
  func original(in sample: [Float], _ modelOutput: [Float], sigma: Float, noiseLevel: Float) -> [Float] {
    switch self {
    case .sample, .originalSample: return modelOutput
    case .epsilon: return zip(sample, modelOutput).map { $0 - noiseLevel * $1 }
    case .vPrediction:
      let square = sigma * sigma + 1, factor = -sigma / square.squareRoot()
      return zip(sample, modelOutput).map { $1 * factor + $0 / square }
    }
  }
}
