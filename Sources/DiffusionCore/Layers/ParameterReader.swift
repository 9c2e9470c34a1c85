import TensorKernels

/// Reads a model's parameters during its initialisation, and tells in the end which are left over.
package final class ParameterReader {
  private let store: ParameterStore
  package let context: ComputeContext
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
  package init(_ store: ParameterStore, context: ComputeContext, progress: OpeningProgressHandler? = nil) {
    self.store = store
    self.context = context
    self.progress = progress
    totalBytes = progress == nil ? 0 : store.byteCount
  }

  /// Reads a parameter of a given shape.
  package func read(_ name: String, _ shape: [Int]) throws -> [Float] {
    used.insert(name)
    // The array that is read, and what becomes of it.
    let size = Int.product(.product(of: shape), 4 * MemoryLayout<Float>.stride)
    try context.naming(name) {
      // A shape that the file does not have is refused by the store.
      guard store.shape(of: name) != shape || MemoryBudget.hasRoom(byteCount: size) else {
        throw AllocationError(byteCount: size)
      }
    }
    try progress?(OpeningProgress(bytes: bytes, totalBytes: totalBytes, weights: store.precision))
    bytes += store.byteCount(of: name)
    return try store.read(name, shape: shape)
  }

  /// Reads a parameter of a given shape into the device's memory.
  func constant(_ name: String, _ shape: [Int]) throws -> any DeviceBuffer {
    let elements = try read(name, shape)
    return try context.naming(name) { try context.backend.constant(elements) }
  }

  /// Leaves a tensor unread, if there is one of that name: it is no parameter.
  package func ignore(_ name: String) { used.insert(name) }

  /// Lines about parameters in the store that were not read, and about those that were rounded.
  package func finish() -> [String] { store.notes(used: used) }
}
