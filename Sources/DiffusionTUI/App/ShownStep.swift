import DiffusionCore

/// A completed step with what the screen says of it.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// What was measured of it.
  package let statistics: StepStatistics

  /// Measures a step, which takes a while: not for the terminal's thread.
  ///
  /// - Parameter isLast: Whether the step is the run's last, whose image is measured too.
  public init(_ step: DenoisingStep, isLast: Bool) {
    self.step = step
    statistics = StepStatistics(of: step, isLast: isLast)
  }
}
