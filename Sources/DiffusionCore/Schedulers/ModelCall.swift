/// What a scheduler gives the model in one of a step's calls.
public struct ModelCall: Sendable, Equatable {
  /// `[batch, channels, ...]` as the sample.
  public let sample: Tensor<Float>
  /// What the model is told of the noise: the timestep, or the noise level for models that were trained on levels.
  public let timestep: Float

  /// Creates a call.
  public init(sample: Tensor<Float>, timestep: Float) { (self.sample, self.timestep) = (sample, timestep) }
}

extension Scheduler {
  /// A timestep of training.
  public static var tells: NoiseTold { .timestep }
  /// Whether its timesteps are those of training, places in a table of betas, which mean the same to every scheduler of
  /// a model. Others are functions of the noise level, such as logarithms of sigma, and only noise levels compare.
  public static var hasTrainingTimesteps: Bool { tells == .timestep }
  /// False: images are independent.
  public var mixesImages: Bool { false }
  /// 1: a step is one model call.
  public func modelCalls(at step: Int) -> Int { 1 }

  /// The scaled sample and the step's timestep.
  public mutating func modelCall(
    at step: Int, sample: Tensor<Float>, noise: () throws -> Tensor<Float>
  ) throws -> ModelCall {
    ModelCall(sample: try scaleModelInput(sample, at: step), timestep: try timestep(at: step))
  }
}

/// The result of a step; each tensor is `[batch, channels, ...]` as the sample.
public struct SchedulerOutput: Sendable, Equatable {
  /// x_{t-1}: the start of the next step.
  public let prevSample: Tensor<Float>
  /// x_0 as predicted by the step, after clipping or thresholding.
  public let predOriginalSample: Tensor<Float>
  /// The noise in x_t as predicted by the step, whichever type the model predicts.
  public let predEpsilon: Tensor<Float>
  /// The fresh noise that the step added, before scaling; nil if it added none.
  public let varianceNoise: Tensor<Float>?
  /// The number of tensors of noise that the step drew, in all its model calls.
  public let draws: Int
  /// Operands of the update that are not among these, or differ from them.
  public let operands: [UpdateTerms.Operand: Tensor<Float>]

  /// Creates a result; by default one that drew its `varianceNoise` alone.
  public init(
    prevSample: Tensor<Float>, predOriginalSample: Tensor<Float>, predEpsilon: Tensor<Float>,
    varianceNoise: Tensor<Float>? = nil, draws: Int? = nil, operands: [UpdateTerms.Operand: Tensor<Float>] = [:]
  ) {
    self.prevSample = prevSample
    self.predOriginalSample = predOriginalSample
    self.predEpsilon = predEpsilon
    self.varianceNoise = varianceNoise
    self.draws = draws ?? (varianceNoise == nil ? 0 : 1)
    self.operands = operands
  }
}
