import DiffusionCore

/// A step of a run, in JSON.
public struct StepReport: Encodable, Sendable, Equatable {
  let index: Int
  let timestep: Float
  let seconds: Double
  let sample: TensorStatistics
  let modelOutput: TensorStatistics
  let predOriginalSample: TensorStatistics
  /// Left out of the JSON if everything is finite.
  let nonFinite: NonFiniteReport?

  private enum CodingKeys: String, CodingKey {
    case index, timestep, seconds, sample
    case modelOutput = "model_output"
    case predOriginalSample = "pred_original_sample"
    case nonFinite = "non_finite"
  }

  /// Computes a step's statistics.
  init(_ step: DenoisingStep) {
    index = step.index
    timestep = step.timestep
    seconds = step.seconds
    sample = TensorStatistics(of: step.sample)
    modelOutput = TensorStatistics(of: step.modelOutput)
    predOriginalSample = TensorStatistics(of: step.predOriginalSample)
    nonFinite = step.nonFinite.map(NonFiniteReport.init)
  }
}
