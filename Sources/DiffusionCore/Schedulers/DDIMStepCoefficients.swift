/// The numbers of one step that are the same for every element, in the order `DDIMScheduler.step` of Diffusers computes them.
package struct DDIMStepCoefficients: Sendable, Equatable {
  /// The square root of alpha-bar at the timestep.
  package let sqrtAlphaProdT: Float
  /// The square root of 1 - alpha-bar at the timestep.
  package let sqrtBetaProdT: Float
  /// The square root of alpha-bar at the previous timestep.
  package let sqrtAlphaProdTPrev: Float
  /// The standard deviation of the noise that the step adds: eta times the square root of the variance.
  package let sigma: Float
  /// How much of the predicted noise stays: the "direction pointing to x_t" of formula 12.
  package let directionScale: Float

  /// Works the roots out.
  package init(alphaProdT: Float, alphaProdTPrev: Float, sigma: Float) {
    sqrtAlphaProdT = alphaProdT.squareRoot()
    sqrtBetaProdT = (1 - alphaProdT).squareRoot()
    sqrtAlphaProdTPrev = alphaProdTPrev.squareRoot()
    self.sigma = sigma
    directionScale = (1 - alphaProdTPrev - sigma * sigma).squareRoot()
  }
}

extension DDIMScheduler {
  /// Works out a step's numbers.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, or for a timestep outside the schedule.
  package func coefficients(timestep: Int, eta: Float) throws -> DDIMStepCoefficients {
    let sigma = eta * (try getVariance(timestep, previousTimestep(timestep))).squareRoot()
    return DDIMStepCoefficients(
      alphaProdT: try alphaCumprod(at: timestep), alphaProdTPrev: try alphaCumprodPrev(of: timestep), sigma: sigma)
  }

  /// Alpha-bar where a step from a timestep leads to.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, or for a timestep outside the schedule.
  package func alphaCumprodPrev(of timestep: Int) throws -> Float {
    let prevTimestep = try previousTimestep(timestep)
    return try prevTimestep >= 0 ? alphaCumprod(at: prevTimestep) : finalAlphaCumprod
  }
}
