import Synchronization
import TensorKernels

/// An allocator with a limit in bytes that keeps track of its allocations.
package final class LimitedAllocator: BufferAllocator {
  private struct State {
    var limit: Int
    /// The size of each allocation, by address.
    var sizes: [UInt: Int] = [:]
    var allocations = 0
  }

  private let state: Mutex<State>
  private let system = SystemAllocator()

  package init(limit: Int = .max) { state = Mutex(State(limit: limit)) }

  /// The limit of allocated bytes.
  package var limit: Int {
    get { state.withLock { $0.limit } }
    set { state.withLock { $0.limit = newValue } }
  }

  /// The number of allocated bytes.
  package var bytesInUse: Int { state.withLock { $0.sizes.values.reduce(0, +) } }

  /// The number of allocations so far, those that were freed included.
  package var allocations: Int { state.withLock { $0.allocations } }

  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    guard byteCount <= limit - bytesInUse, let memory = system.allocate(byteCount: byteCount) else { return nil }
    state.withLock { state in
      state.sizes[UInt(bitPattern: memory)] = byteCount
      state.allocations += 1
    }
    return memory
  }

  /// Whether the limit leaves as much; small amounts are never refused.
  package func hasRoom(byteCount: Int) -> Bool { byteCount <= limit - bytesInUse }

  package func deallocate(_ memory: UnsafeMutableRawPointer) {
    state.withLock { $0.sizes[UInt(bitPattern: memory)] = nil }
    system.deallocate(memory)
  }
}
