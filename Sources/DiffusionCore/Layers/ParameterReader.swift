import TensorKernels

/// Reads a model's parameters during its initialisation, and checks in the end that none is left over.
package final class ParameterReader {
  private let store: ParameterStore
  package let context: ComputeContext
  private var used: Set<String> = []

  package init(_ store: ParameterStore, context: ComputeContext) {
    self.store = store
    self.context = context
  }

  /// Reads a parameter of a given shape.
  package func read(_ name: String, _ shape: [Int]) throws -> [Float] {
    used.insert(name)
    // The array that is read, and what becomes of it.
    let bytes = Int.product(.product(of: shape), 4 * MemoryLayout<Float>.stride)
    try context.naming(name) {
      guard MemoryBudget.hasRoom(byteCount: bytes) else { throw AllocationError(byteCount: bytes) }
    }
    return try store.read(name, shape: shape)
  }

  /// Reads a parameter of a given shape into the device's memory.
  func constant(_ name: String, _ shape: [Int]) throws -> any DeviceBuffer {
    let elements = try read(name, shape)
    return try context.naming(name) { try context.backend.constant(elements) }
  }

  /// Checks that every parameter in the store was read.
  package func finish() throws { try store.verifyAllUsed(used) }
}
