extension DDIMSchedulerConfig {
  /// Checks what a schedule could not be made of, and what would make every step fail.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the option, what it holds and what it may hold.
  func validate() throws {
    guard (1...1_000_000).contains(numTrainTimesteps) else {
      throw DiffusionError(.badData, "num_train_timesteps is \(numTrainTimesteps): expected 1 to 1000000")
    }
    // Timesteps beyond this could overflow; no timestep of a schedule is as large.
    guard (-1_000_000...1_000_000).contains(stepsOffset) else {
      throw DiffusionError(.badData, "steps_offset is \(stepsOffset): expected -1000000 to 1000000")
    }
    if let trainedBetas {
      guard trainedBetas.count >= numTrainTimesteps else {
        throw DiffusionError(
          .badData,
          "trained_betas has \(trainedBetas.count) numbers: expected one for each of num_train_timesteps, \(numTrainTimesteps)"
        )
      }
    } else {
      try validateBetaRange()
    }
    if thresholding, !(0...1).contains(dynamicThresholdingRatio) {
      throw DiffusionError(
        .badData, "dynamic_thresholding_ratio is \(dynamicThresholdingRatio): expected a quantile from 0 to 1")
    }
  }

  private func validateBetaRange() throws {
    for (name, beta) in [("beta_start", betaStart), ("beta_end", betaEnd)] {
      guard beta.isFinite, beta >= 0 || betaSchedule != .scaledLinear else {
        throw DiffusionError(.badData, "\(name) is \(beta): expected a number of at least 0")
      }
    }
  }
}
