import TensorKernels

/// Reads a model's parameters during its initialisation, and tells in the end which are left over.
package final class ParameterReader {
  private let store: ParameterStore
  private let packer: any WeightPacker
  /// Whether parameters are only checked: they are read as empty, and nothing is laid out for a device.
  private let isChecking: Bool
  /// Collects the linear layers that read the time embedding, while a model that joins them is read; nil otherwise.
  var joined: JoinedLinear?
  private var used: Set<String> = []
  private let progress: OpeningProgressHandler?
  private let totalBytes: Int
  private var bytes = 0

  /// Creates a reader.
  ///
  /// - Parameters:
  ///   - store: The parameters.
  ///   - context: The device that they are for.
  ///   - progress: Called before each parameter; may throw to stop.
  package convenience init(
    _ store: ParameterStore, context: ComputeContext, progress: OpeningProgressHandler? = nil
  ) {
    self.init(store, packer: context.backend, progress: progress)
  }

  /// Creates a reader that checks parameters where they are in their file, and returns none of their elements.
  convenience init(checking store: ParameterStore, progress: OpeningProgressHandler?) {
    self.init(store, packer: NoPacker(), isChecking: true, progress: progress)
  }

  private init(
    _ store: ParameterStore, packer: any WeightPacker, isChecking: Bool = false, progress: OpeningProgressHandler?
  ) {
    (self.store, self.packer, self.isChecking, self.progress) = (store, packer, isChecking, progress)
    totalBytes = progress == nil ? 0 : store.byteCount
  }

  /// Whether one large linear layer takes less time than several small ones that read the same.
  var joinsProjections: Bool { packer.joinsProjections }

  /// Reads a parameter of a given shape; while parameters are only checked, its elements are none.
  package func read(_ name: String, _ shape: [Int]) throws -> [Float] {
    used.insert(name)
    let stage = isChecking ? OpeningProgress.Stage.checking : .reading(store.precision)
    try progress?(OpeningProgress(bytes: bytes, totalBytes: totalBytes, stage: stage))
    bytes += store.byteCount(of: name)
    guard !isChecking else {
      try store.check(name, shape: shape)
      return []
    }
    // The array that is read, and what becomes of it.
    let size = Int.product(.product(of: shape), 4 * MemoryLayout<Float>.stride)
    try AllocationError.naming(name) {
      // A shape that the file does not have is refused by the store.
      guard store.shape(of: name) != shape || MemoryBudget.hasRoom(byteCount: size) else {
        throw AllocationError(byteCount: size)
      }
    }
    return try store.read(name, shape: shape)
  }

  /// Reads a parameter of a given shape into the device's memory.
  func constant(_ name: String, _ shape: [Int]) throws -> any DeviceBuffer {
    try constant(read(name, shape), of: name)
  }

  /// Puts constant elements of a layer into the device's memory.
  func constant(_ elements: [Float], of layer: String) throws -> any DeviceBuffer {
    try AllocationError.naming(layer) { try packer.constant(elements) }
  }

  /// Puts constant elements of a layer that take time to compute into the device's memory; while parameters are only
  /// checked, they are not computed.
  func constant(of layer: String, computing elements: () -> [Float]) throws -> any DeviceBuffer {
    try constant(isChecking ? [] : elements(), of: layer)
  }

  /// Packs the weights of a layer, `[outputChannels][inputChannels][kernel][kernel]`, into the device's memory.
  func packed(_ weights: [Float], for shape: ConvolutionShape, of layer: String) throws -> any DeviceBuffer {
    try AllocationError.naming(layer) { try packer.packWeights(weights, for: shape) }
  }

  /// Leaves a tensor unread, if there is one of that name: it is no parameter.
  package func ignore(_ name: String) { used.insert(name) }

  /// Lines about parameters in the store that were not read, and about those that were rounded.
  package func finish() -> [String] { store.notes(used: used) }
}

/// Lays nothing out, for no device.
private struct NoPacker: WeightPacker {
  private final class NoBuffer: DeviceBuffer {
    let count = 0
  }

  func constant(_ elements: [Float]) -> any DeviceBuffer { NoBuffer() }

  func packWeights(_ weights: [Float], for shape: ConvolutionShape) -> any DeviceBuffer { NoBuffer() }
}
