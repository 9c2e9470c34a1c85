import DiffusionCore

/// A completed step with what the screen says of it.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// What was measured of it.
  package let statistics: StepStatistics
}
