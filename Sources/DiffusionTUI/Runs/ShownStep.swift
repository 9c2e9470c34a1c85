import DiffusionCore

/// A completed step with what the screen says of it.
public struct ShownStep: Sendable, Equatable {
  /// The step.
  package let step: DenoisingStep
  /// The images that the run ends with, `[batch, height, width, channels]` in [0, 1]; nil before its last step.
  package let images: Tensor<Float>?
  /// What was measured of it.
  package let statistics: StepStatistics

  /// The step written out with its numbers.
  package let update: MeasuredUpdate

  /// Measures a step, which takes a while: not for the terminal's thread.
  ///
  /// - Parameters:
  ///   - images: The images that it ends with, `[batch, height, width, channels]` in [0, 1]; nil before the last step.
  public init(_ step: DenoisingStep, images: Tensor<Float>? = nil) {
    self.step = step
    update = MeasuredUpdate(step)
    statistics = StepStatistics(of: step, images: images)
    self.images = images
  }
}
