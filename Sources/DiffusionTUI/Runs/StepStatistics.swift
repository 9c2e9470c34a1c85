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

  /// Measures a step, and the images that the last one ends with.
  package init(of step: DenoisingStep, images: Tensor<Float>?) {
    prevSample = TensorStatistics(of: step.prevSample)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    imageAbsoluteSum = images.map { TensorStatistics(of: $0, histogramBins: 0).absoluteSum }
  }
}
