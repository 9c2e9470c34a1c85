/// What a step of ``DDIMScheduler`` returns (`diffusers.schedulers.scheduling_ddim.DDIMSchedulerOutput`), and what it was made
/// of: prevSample = sqrt(a_prev) predOriginalSample + sqrt(1 - a_prev - sigma^2) predEpsilon + sigma varianceNoise.
public struct DDIMSchedulerOutput: Sendable, Equatable {
  /// x_{t-1}, in the shape of the sample: what the model sees next.
  public let prevSample: Tensor<Float>
  /// x_0 as the step predicts it, after clipping or thresholding.
  public let predOriginalSample: Tensor<Float>
  /// The noise in x_t as the step predicts it, whatever the model predicts: derived anew from the clipped x_0 where
  /// `useClippedModelOutput` asks for it (`pred_epsilon` in `DDIMScheduler.step`).
  public let predEpsilon: Tensor<Float>
  /// The fresh noise that the step adds, before it is scaled by sigma; nil when eta is 0.
  public let varianceNoise: Tensor<Float>?

  /// Describes what a step returns.
  public init(
    prevSample: Tensor<Float>, predOriginalSample: Tensor<Float>, predEpsilon: Tensor<Float>,
    varianceNoise: Tensor<Float>? = nil
  ) {
    self.prevSample = prevSample
    self.predOriginalSample = predOriginalSample
    self.predEpsilon = predEpsilon
    self.varianceNoise = varianceNoise
  }
}
