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
}

extension DDIMScheduler {
  /// Works out a step's numbers.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) before ``setTimesteps(_:)``, or for a timestep outside the schedule.
  package func coefficients(timestep: Int, eta: Float) throws -> DDIMStepCoefficients {
    let prevTimestep = try previousTimestep(timestep)
    let alphaProdT = try alphaCumprod(at: timestep)
    let alphaProdTPrev = try prevTimestep >= 0 ? alphaCumprod(at: prevTimestep) : finalAlphaCumprod
    let sigma = eta * (try getVariance(timestep, prevTimestep)).squareRoot()
    return DDIMStepCoefficients(
      sqrtAlphaProdT: alphaProdT.squareRoot(), sqrtBetaProdT: (1 - alphaProdT).squareRoot(),
      sqrtAlphaProdTPrev: alphaProdTPrev.squareRoot(), sigma: sigma,
      directionScale: (1 - alphaProdTPrev - sigma * sigma).squareRoot())
  }
}
