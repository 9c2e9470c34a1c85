import DiffusionCore

/// A completed step with what the screen says of it.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// What was measured of it.
  package let statistics: StepStatistics

  /// The step written out with its numbers; nil where its place on the schedule was not told.
  package let update: DDIMUpdate?

  /// Measures a step, which takes a while: not for the terminal's thread.
  ///
  /// - Parameters:
  ///   - point: Where it stands on its run's schedule.
  ///   - isLast: Whether the step is the run's last, whose image is measured too.
  public init(_ step: DenoisingStep, at point: SchedulePoint? = nil, isLast: Bool) {
    self.step = step
    update = point.map { DDIMUpdate(step, at: $0) }
    statistics = StepStatistics(of: step, isLast: isLast)
  }
}
