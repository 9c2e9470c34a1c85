/// A step in a receipt.
public struct ReceiptStep: Sendable, Equatable {
  /// The index of the step, from 0.
  public let index: Int
  /// The training timestep of the model call.
  public let timestep: Float
  /// The output of the model.
  public let modelOutput: ReceiptTensor
  /// x_{t-1}: the sample after the step.
  public let prevSample: ReceiptTensor

  /// Measures a step.
  public init(_ step: DenoisingStep) {
    (index, timestep) = (step.index, step.timestep)
    (modelOutput, prevSample) = (ReceiptTensor(step.modelOutput), ReceiptTensor(step.prevSample))
  }
}

extension ReceiptStep: Codable {
  private enum CodingKeys: String, CodingKey {
    case index, timestep
    case modelOutput = "model_output"
    case prevSample = "prev_sample"
  }

  /// Decodes a step; a timestep that JSON cannot represent is the string "nan" or "inf".
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    index = try container.decode(Int.self, forKey: .index)
    timestep = try container.decode(JSONNumber<Float>.self, forKey: .timestep).value
    modelOutput = try container.decode(ReceiptTensor.self, forKey: .modelOutput)
    prevSample = try container.decode(ReceiptTensor.self, forKey: .prevSample)
  }

  /// Encodes the step; a timestep that JSON cannot represent is the string "nan" or "inf".
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(index, forKey: .index)
    try container.encode(JSONNumber(timestep), forKey: .timestep)
    try container.encode(modelOutput, forKey: .modelOutput)
    try container.encode(prevSample, forKey: .prevSample)
  }
}
