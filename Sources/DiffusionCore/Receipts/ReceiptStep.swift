/// A step in a receipt.
public struct ReceiptStep: Codable, Sendable, Equatable {
  /// The index of the step, from 0.
  public let index: Int
  /// The training timestep of the model call.
  public let timestep: Float
  /// The output of the model.
  public let modelOutput: ReceiptTensor
  /// x_{t-1}: the sample after the step.
  public let prevSample: ReceiptTensor

  private enum CodingKeys: String, CodingKey {
    case index, timestep
    case modelOutput = "model_output"
    case prevSample = "prev_sample"
  }

  /// Measures a step.
  public init(_ step: DenoisingStep) {
    (index, timestep) = (step.index, step.timestep)
    (modelOutput, prevSample) = (ReceiptTensor(step.modelOutput), ReceiptTensor(step.prevSample))
  }
}
