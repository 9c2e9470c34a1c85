/// A step written out, with its numbers: x_{t-1} = sqrt(a_prev) x_0 + sqrt(1 - a_prev - sigma^2) epsilon + sigma z (formula 12 of
/// Song et al. 2020, arXiv 2010.02502).
///
/// The coefficients are those that the step computed with, to the bit; norms and deviations are in binary64.
public struct DDIMUpdate: Sendable, Equatable {
  /// One product of the sum.
  public struct Term: Sendable, Equatable {
    /// What the tensor is multiplied by.
    public let coefficient: Float
    /// The tensor's L2 norm over its finite elements.
    public let tensorNorm: Double
    /// The tensor's standard deviation over its finite elements.
    public let tensorStd: Double

    /// The L2 norm of the product: how much of x_{t-1} it makes.
    public var norm: Double { Double(coefficient.magnitude) * tensorNorm }
    /// The standard deviation of the product.
    public var std: Double { Double(coefficient.magnitude) * tensorStd }

    /// Measures a tensor; one that is not there is 0.
    init(_ coefficient: Float, _ tensor: Tensor<Float>?) {
      let statistics = tensor.map { TensorStatistics(of: $0, histogramBins: 0) }
      self.coefficient = coefficient
      tensorNorm = statistics?.l2 ?? 0
      tensorStd = statistics?.std ?? 0
    }
  }

  /// The training timestep t.
  public let timestep: Int
  /// Alpha-bar at t: the share of the image in x_t, in variance.
  public let alphaProd: Float
  /// Alpha-bar where the step leads to.
  public let alphaProdPrev: Float
  /// The standard deviation of the noise that the step adds: eta times the square root of the variance.
  public let sigma: Float
  /// sqrt(a_prev) x_0: the predicted original sample.
  public let original: Term
  /// sqrt(1 - a_prev - sigma^2) epsilon: the predicted noise, the "direction pointing to x_t".
  public let epsilon: Term
  /// sigma z: the fresh noise; all 0 when eta is 0.
  public let noise: Term
  /// The sum, x_{t-1}, with coefficient 1.
  public let previous: Term

  /// Writes a step out.
  ///
  /// - Parameters:
  ///   - step: The step.
  ///   - point: Where it stands on its run's schedule: `run.schedule[step.index]`.
  public init(_ step: DenoisingStep, at point: SchedulePoint) {
    let coefficients = DDIMStepCoefficients(
      alphaProdT: point.alphaCumprod, alphaProdTPrev: point.alphaCumprodPrev, sigma: point.sigma)
    timestep = point.timestep
    (alphaProd, alphaProdPrev, sigma) = (point.alphaCumprod, point.alphaCumprodPrev, point.sigma)
    original = Term(coefficients.sqrtAlphaProdTPrev, step.predOriginalSample)
    epsilon = Term(coefficients.directionScale, step.predEpsilon)
    noise = Term(coefficients.sigma, step.varianceNoise)
    previous = Term(1, step.prevSample)
  }
}
