import DiffusionCore

/// What the screen says of the tensors of one step. Measured once, when the step arrives.
public struct StepStatistics: Sendable, Equatable {
  /// Of x_{t-1}, the sample that leaves the step.
  package let prevSample: TensorStatistics
  /// Of the predicted original sample.
  package let predOriginalSample: TensorStatistics
  /// Of the model output.
  package let modelOutput: TensorStatistics
  /// `np.abs(image).sum()` of the finished image in [0, 1]; nil before the last step.
  package let imageAbsoluteSum: Double?

  /// Measures a step; the last one's image too.
  package init(of step: DenoisingStep, isLast: Bool) {
    prevSample = TensorStatistics(of: step.prevSample)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    imageAbsoluteSum =
      isLast ? TensorStatistics(of: step.prevSample.map { min(1, max(0, $0 / 2 + 0.5)) }).absoluteSum : nil
  }
}
