/// The numbers of one step's update (Song, Meng and Ermon 2021, equation 12), measured elsewhere.
package struct DDIMUpdateTerms: Sendable, Equatable {
  /// alpha-bar of the step's timestep and of the previous one in the update, 0 to 1.
  package var alphaProd, alphaProdPrev: Double
  /// The standard deviation of the noise that the step adds; 0 for eta 0.
  package var sigma: Double
  /// sqrt(alphaProdPrev), the share of the predicted original sample.
  package var originalCoefficient: Double
  /// sqrt(1 - alphaProdPrev - sigma^2), the share of the predicted noise.
  package var directionCoefficient: Double
  /// The L2 norms of the predicted original sample, of the predicted noise and of the added noise with their coefficients, and
  /// of their sum; nil where unknown.
  package var originalNorm, directionNorm, noiseNorm, sampleNorm: Double?

  package init(
    alphaProd: Double, alphaProdPrev: Double, sigma: Double, originalCoefficient: Double, directionCoefficient: Double,
    originalNorm: Double? = nil, directionNorm: Double? = nil, noiseNorm: Double? = nil, sampleNorm: Double? = nil
  ) {
    self.alphaProd = alphaProd
    self.alphaProdPrev = alphaProdPrev
    self.sigma = sigma
    self.originalCoefficient = originalCoefficient
    self.directionCoefficient = directionCoefficient
    self.originalNorm = originalNorm
    self.directionNorm = directionNorm
    self.noiseNorm = noiseNorm
    self.sampleNorm = sampleNorm
  }
}
