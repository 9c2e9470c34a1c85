/// What a step of ``DDIMScheduler`` returns (`diffusers.schedulers.scheduling_ddim.DDIMSchedulerOutput`).
public struct DDIMSchedulerOutput: Sendable, Equatable {
  /// x_{t-1}, in the shape of the sample: what the model sees next.
  public let prevSample: Tensor<Float>
  /// x_0 as the step predicts it, after clipping or thresholding.
  public let predOriginalSample: Tensor<Float>

  /// Describes what a step returns.
  public init(prevSample: Tensor<Float>, predOriginalSample: Tensor<Float>) {
    self.prevSample = prevSample
    self.predOriginalSample = predOriginalSample
  }
}
