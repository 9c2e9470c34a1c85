/// The step options of a run: the arguments of `step` in Diffusers, each used by the schedulers that have it.
public struct SchedulerOptions: Sendable, Equatable {
  /// The weight of DDIM's added noise: 0 (DDIM) to 1 (DDPM).
  public var eta: Float = 0
  /// Whether DDIM derives the noise again from the clipped x_0.
  public var useClippedModelOutput = false
  /// The amount of noise added before a step of Euler's (algorithm 2 of Karras et al. 2022, arXiv 2206.00364), at least
  /// 0.
  public var sChurn = 0.0
  /// The lowest sigma at which that noise is added.
  public var sTmin = 0.0
  /// The highest sigma at which that noise is added.
  public var sTmax = Double.infinity
  /// The standard deviation of that noise.
  public var sNoise = 1.0

  /// The largest number of derivatives in a step of a linear multistep method, at least 1.
  public var order = 4

  /// Creates options with Diffusers' defaults.
  public init(eta: Float = 0, useClippedModelOutput: Bool = false) {
    (self.eta, self.useClippedModelOutput) = (eta, useClippedModelOutput)
  }
}
