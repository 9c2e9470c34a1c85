import DiffusionCore

/// A model whose output is a formula: `sample * t / (t + 1)`, the dummy model of Diffusers' scheduler tests. It reports
/// three blocks.
public struct AnalyticModel: DenoisingModel {
  /// Creates the model.
  public init() {}

  /// Predicts, element by element.
  package func callAsFunction(_ input: ModelInput, progress: ForwardProgressHandler?) throws -> Tensor<Float> {
    try self(input.sample, timestep: input.timestep, progress: progress)
  }

  /// Predicts, element by element.
  public func callAsFunction(
    _ sample: Tensor<Float>, timestep: Float, progress: ForwardProgressHandler? = nil
  ) throws -> Tensor<Float> {
    for block in 0..<3 { try progress?(ForwardProgress(block: "block.\(block)", completed: block, total: 3)) }
    return sample.map { $0 * timestep / (timestep + 1) }
  }
}
