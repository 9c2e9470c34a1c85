import TensorKernels

/// What a network was opened with: a device, a number of threads, and weights from a file.
public struct NetworkOpening: Sendable {
  /// The device that the network computes on.
  public let device: Device
  /// The number of threads that it computes with.
  public let threads: Int
  /// The precision that its weights were rounded to.
  public let weights: WeightPrecision
  /// The weights as they are in the file, under the names that the network reads, checked.
  package let parameters: ParameterStore
  /// The device, opened.
  package let context: ComputeContext

  /// Opens a device for a network's weights, where there is memory for them.
  ///
  /// - Parameters:
  ///   - parameters: The weights, which the network has checked.
  ///   - progress: Called before a driver's device is started; may throw to stop.
  /// - Throws: ``DiffusionError``: `unavailable` if memory is short or the device cannot be opened, `usage` for a
  ///   number of threads that is not possible; what `progress` throws.
  package init(
    _ parameters: ParameterStore, device: Device, threads: Int, weights: WeightPrecision,
    progress: OpeningProgressHandler? = nil
  ) throws {
    precondition(parameters.isChecked, "weights are laid out for a device that were not checked")
    try MemoryBudget.current().require(weights: parameters)
    (self.device, self.threads, self.weights, self.parameters) = (device, threads, weights, parameters)
    if device.compilesKernels, let progress {
      try progress(OpeningProgress(bytes: 0, totalBytes: parameters.byteCount, stage: .starting(device.description)))
    }
    context = try ComputeContext(device: device, threads: threads)
  }

  /// A reader of the weights for the device, rounded.
  ///
  /// - Parameter progress: Called before each tensor is read; may throw to stop.
  package func reader(progress: OpeningProgressHandler?) -> ParameterReader {
    ParameterReader(parameters.rounded(to: weights), context: context, progress: progress)
  }
}

extension ParameterStore {
  /// The same parameters, once a network has checked them; as they are if one has.
  ///
  /// Nothing is laid out for a device meanwhile, so that weights which do not fit a network, however large, take no
  /// memory beside their file.
  ///
  /// - Parameters:
  ///   - progress: Called before each parameter; may throw to stop.
  ///   - layers: Reads what the network needs.
  /// - Throws: ``DiffusionError``: `unavailable` if memory is short, and as ``read(_:shape:)``; what `progress` throws.
  func checked<Layers>(
    progress: OpeningProgressHandler?, by layers: (ParameterReader) throws -> Layers
  ) throws -> ParameterStore {
    guard !isChecked else { return self }
    try MemoryBudget.current().require(weights: self)
    _ = try layers(ParameterReader(checking: self, progress: progress))
    var store = self
    store.isChecked = true
    return store
  }
}

extension MemoryBudget {
  /// Refuses weights that do not fit into memory.
  fileprivate func require(weights parameters: ParameterStore) throws {
    try require(
      MemoryEstimate.weights(parameters), for: "the model's weights", remedy: "take a smaller model, or free memory")
  }
}
