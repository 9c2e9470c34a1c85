/// The tables of an exponential integrator.
struct SolverSchedule: Sendable {
  /// The sigmas of training.
  let sigmas: SigmaSchedule
  /// The logarithms of the ratio of image to noise, one for each training timestep.
  private let lambdas: [Float]

  init(_ config: some SolverConfiguration, rescaledToZeroSNR: Bool = false) {
    sigmas = SigmaSchedule(config, rescaledToZeroSNR: rescaledToZeroSNR, logarithm: FloatMath.numpyLog)
    lambdas = sigmas.alphasCumprod.map { FloatMath.log($0.squareRoot()) - FloatMath.log((1 - $0).squareRoot()) }
  }

  /// The number of training timesteps whose lambda is not below a limit (`torch.searchsorted`).
  func end(lambdaMin: Double) -> Int {
    lambdas.count - (lambdas.reversed().firstIndex { $0 >= Float(lambdaMin) } ?? lambdas.count)
  }

  /// The sigma that a run leads to where it does not lead to 0: respaced ones repeat their last.
  func smallest(_ config: some SolverConfiguration, _ sigmas: [Double]) -> Double {
    config.solverSpacing == .timesteps ? Double(self.sigmas.training[0]) : sigmas.last ?? 0
  }

  /// The timesteps and the sigmas of a run, without the sigma that the last step leads to.
  ///
  /// - Parameters:
  ///   - config: Says how they are spaced.
  ///   - count: The number of steps, at least 1.
  ///   - end: As in ``SolverConfiguration/solverTimesteps(_:end:)``.
  ///   - rounds: Whether a timestep of karras or lu sigmas is rounded; all others are cut to whole ones.
  /// - Throws: ``DiffusionError`` (`usage`) for sigmas that have no logarithm, and where no timestep is left.
  func steps(
    _ config: some SolverConfiguration, _ count: Int, end: Int,
    rounds: Bool = true
  ) throws -> (timesteps: [Float], sigmas: [Double]) {
    guard config.solverSpacing != .timesteps else {
      let timesteps = config.solverTimesteps(count, end: end)
      guard !timesteps.isEmpty else {
        throw DiffusionError(.usage, "lambda_min_clipped leaves no timestep: set a lower one, or another spacing")
      }
      return (timesteps.map { Float($0) + 0 }, sigmas.interpolated(at: timesteps))
    }
    return try respacedSteps(config, count, of: sigmas.training.reversed(), rounds: rounds)
  }

  /// The timesteps and the sigmas of a run from an image to its noise, likewise.
  ///
  /// - Parameters:
  ///   - config: Says how they are spaced.
  ///   - count: The number of steps, at least 1.
  ///   - end: The number of training timesteps up to the noisiest that is used.
  /// - Throws: As ``steps(_:_:end:rounds:)``.
  func risingSteps(
    _ config: some SolverConfiguration, _ count: Int, end: Int
  ) throws -> (timesteps: [Float], sigmas: [Double]) {
    guard config.solverSpacing == .timesteps else {
      return try respacedSteps(config, count, of: sigmas.training, rounds: true)
    }
    let timesteps = config.risingTimesteps(count, end: end)
    guard end > 0, !timesteps.isEmpty else {
      throw DiffusionError(.usage, "lambda_min_clipped leaves no timestep: set a lower one, or another spacing")
    }
    return (timesteps.map { Float($0) + 0 }, sigmas.interpolated(at: timesteps))
  }

  /// Respaced sigmas with their timesteps, in the order of the training sigmas that are given.
  private func respacedSteps(
    _ config: some SolverConfiguration, _ count: Int, of training: [Float], rounds: Bool
  ) throws -> (timesteps: [Float], sigmas: [Double]) {
    let spacing = config.solverSpacing, ends = config.inheritedSigmas
    let chosen = try sigmas.respaced(
      training.map { Double($0) }, spacing, range: (ends.min, ends.max), count: count)
    let timesteps = chosen.map { (sigma: Double) -> Double in
      if case .flow = spacing { return sigma * Double(sigmas.training.count) }
      let timestep = sigmas.timestep(of: sigma)
      return rounds && (spacing == .karras || spacing == .lu) ? timestep.rounded(.toNearestOrEven) : timestep
    }
    return (timesteps.map { Float($0.rounded(.towardZero)) }, chosen)
  }
}

extension SolverConfiguration {
  /// The whole timesteps of a run by `timestep_spacing`, of which the last one, 0, is left out.
  ///
  /// - Parameters:
  ///   - count: The number of steps.
  ///   - end: The number of training timesteps up to the noisiest that is used.
  func solverTimesteps(_ count: Int, end: Int) -> [Double] {
    switch timestepSpacing {
    case .linspace:
      return SigmaSchedule.linspace(0, Double(end - 1), count: count + 1).dropFirst().reversed()
        .map { $0.rounded(.toNearestOrEven) }
    case .leading:
      let ratio = end / (count + 1)
      return (1...count).reversed().map { Double($0 * ratio + stepsOffset) }
    case .trailing:
      let step = Double(numTrainTimesteps) / Double(count), stride = (Double(end) - step) - Double(end)
      let length = max(0, Int((Double(end) / step).rounded(.up)))
      return (0..<length).map { (Double(end) + Double($0) * stride).rounded(.toNearestOrEven) - 1 }
    }
  }
}

extension SolverConfiguration {
  /// The whole timesteps of a run to the noise by `timestep_spacing`, of which the last one, the noisiest, is left out
  /// but for `trailing`.
  ///
  /// - Parameters:
  ///   - count: The number of steps.
  ///   - end: The number of training timesteps up to the noisiest that is used.
  func risingTimesteps(_ count: Int, end: Int) -> [Double] {
    switch timestepSpacing {
    case .linspace:
      SigmaSchedule.linspace(0, Double(end - 1), count: count + 1).dropLast().map { $0.rounded(.toNearestOrEven) }
    case .leading: (0..<count).map { Double($0 * (end / (count + 1)) + stepsOffset) }
    case .trailing: solverTimesteps(count, end: end).reversed()
    }
  }
}

extension FloatMath {
  /// The natural logarithm of a positive finite number as numpy computes it with AVX2 and AVX-512: a quotient of
  /// polynomials in fused multiply-adds, within 4 ulp.
  static func numpyLog(_ x: Float) -> Float {
    guard x > 0, x.isFinite else { return log(x) }
    var (exponent, mantissa) = (Float(x.exponent), x.significand)
    if mantissa > 1.41421356237309504880 { (exponent, mantissa) = (exponent + 1, mantissa / 2) }
    let z = mantissa - 1
    func polynomial(_ coefficients: [Float]) -> Float {
      coefficients.dropFirst().reduce(coefficients[0]) { $1.addingProduct($0, z) }
    }
    let numerator = polynomial([
      2.589979117907922693523e-02, 3.808837741388407920751e-01, 1.480000633576506585156, 2.112677543073053063722,
      9.999999999999998702752e-01, 0,
    ])
    let denominator = polynomial([
      5.875095403124574342950e-03, 1.546476374983906719538e-01, 9.864942958519418960339e-01, 2.453006071784736363091,
      2.612677543073109236779, 1,
    ])
    return (numerator / denominator).addingProduct(exponent, 0.693147180559945309417232121458176568)
  }
}
