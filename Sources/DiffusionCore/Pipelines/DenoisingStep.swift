/// One step of a run and every tensor that took part in it, each `[batch, channels, height, width]`.
public struct DenoisingStep: Sendable, Equatable {
  /// Which step of the run it is, from 0.
  public let index: Int
  /// The training timestep at which the model was asked.
  public let timestep: Int
  /// x_t: the sample that enters the step.
  public let sample: Tensor<Float>
  /// What the model said: noise, sample or velocity, by the scheduler's `predictionType`.
  public let modelOutput: Tensor<Float>
  /// x_0 as the step predicts it, after clipping or thresholding.
  public let predOriginalSample: Tensor<Float>
  /// x_{t-1}: the sample that leaves the step.
  public let prevSample: Tensor<Float>
  /// The noise in x_t as the step predicts it: the model's output where that is noise, otherwise derived from it; derived anew from
  /// the clipped x_0 with `useClippedModelOutput`.
  public let predEpsilon: Tensor<Float>
  /// The fresh noise of standard deviation 1 that the step added, times its sigma; nil when eta is 0.
  public let varianceNoise: Tensor<Float>?
  /// The first NaN or infinity of the step, and what made it; nil if every tensor here is finite.
  public let nonFinite: NonFiniteLayer?
  /// How long the step took.
  public let seconds: Double

  /// Describes a step, each tensor `[batch, channels, height, width]`.
  ///
  /// - Parameters:
  ///   - index: Which step of the run it is, from 0.
  ///   - timestep: The training timestep at which the model was asked.
  ///   - sample: x_t.
  ///   - modelOutput: What the model said.
  ///   - predOriginalSample: x_0 as the step predicts it.
  ///   - prevSample: x_{t-1}.
  ///   - predEpsilon: The predicted noise; the model's output if nil.
  ///   - varianceNoise: The fresh noise that the step added; nil for none.
  ///   - nonFinite: The first NaN or infinity; nil for none.
  ///   - seconds: How long the step took.
  public init(
    index: Int, timestep: Int, sample: Tensor<Float>, modelOutput: Tensor<Float>, predOriginalSample: Tensor<Float>,
    prevSample: Tensor<Float>, predEpsilon: Tensor<Float>? = nil, varianceNoise: Tensor<Float>? = nil,
    nonFinite: NonFiniteLayer? = nil, seconds: Double
  ) {
    self.index = index
    self.timestep = timestep
    self.sample = sample
    self.modelOutput = modelOutput
    self.predOriginalSample = predOriginalSample
    self.prevSample = prevSample
    self.predEpsilon = predEpsilon ?? modelOutput
    self.varianceNoise = varianceNoise
    self.nonFinite = nonFinite
    self.seconds = seconds
  }
}
