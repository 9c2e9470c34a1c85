import TensorKernels

/// What a network was opened with: a device, a number of threads, and weights from a file.
public struct NetworkOpening: Sendable {
  /// The device that the network computes on.
  public let device: Device
  /// The number of threads that it computes with.
  public let threads: Int
  /// The precision that its weights were rounded to.
  public let weights: WeightPrecision
  /// The weights as they are in the file.
  package let parameters: ParameterStore
  /// The device, opened.
  package let context: ComputeContext

  /// Opens a device for a network's weights, where there is memory for them.
  ///
  /// - Throws: ``DiffusionError``: `unavailable` if memory is short or the device cannot be opened, `usage` for a
  ///   number of threads that is not possible.
  package init(_ parameters: ParameterStore, device: Device, threads: Int, weights: WeightPrecision) throws {
    try MemoryBudget.current().require(
      MemoryEstimate.weights(parameters), for: "the model's weights", remedy: "take a smaller model, or free memory")
    (self.device, self.threads, self.weights, self.parameters) = (device, threads, weights, parameters)
    context = try ComputeContext(device: device, threads: threads)
  }

  /// A reader of the weights for the device, rounded.
  ///
  /// - Parameters:
  ///   - named: The weights by the names that the network reads, where these are not the file's.
  ///   - progress: Called before each tensor is read; may throw to stop.
  package func reader(of named: ParameterStore? = nil, progress: OpeningProgressHandler?) -> ParameterReader {
    ParameterReader((named ?? parameters).rounded(to: weights), context: context, progress: progress)
  }
}
