import Synchronization
import TensorKernels

/// An allocator that gives no more than so many bytes at a time, and knows which are out.
package final class LimitedAllocator: BufferAllocator {
  private struct State {
    var limit: Int
    /// The bytes behind each address that is out.
    var sizes: [UInt: Int] = [:]
  }

  private let state: Mutex<State>
  private let system = SystemAllocator()

  package init(limit: Int = .max) { state = Mutex(State(limit: limit)) }

  /// The most bytes that may be out.
  package var limit: Int {
    get { state.withLock { $0.limit } }
    set { state.withLock { $0.limit = newValue } }
  }

  /// The bytes that are out.
  package var bytesInUse: Int { state.withLock { $0.sizes.values.reduce(0, +) } }

  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    guard byteCount <= limit - bytesInUse, let memory = system.allocate(byteCount: byteCount) else { return nil }
    state.withLock { $0.sizes[UInt(bitPattern: memory)] = byteCount }
    return memory
  }

  package func deallocate(_ memory: UnsafeMutableRawPointer) {
    state.withLock { $0.sizes[UInt(bitPattern: memory)] = nil }
    system.deallocate(memory)
  }
}
