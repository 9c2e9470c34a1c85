/// What a receipt says of a step.
public struct ReceiptStep: Codable, Sendable, Equatable {
  /// Which step of the run it is, from 0.
  public let index: Int
  /// The training timestep at which the model was asked.
  public let timestep: Float
  /// What the model said.
  public let modelOutput: ReceiptTensor
  /// x_{t-1}: the sample that left the step.
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
