import CGPU
import Synchronization
import TensorKernels

/// Memory of a device, freed with its last reference.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariant: the handle is
/// constant, its memory is released only in `deinit`, and only a ``GPUQueue`` reads or writes that memory, in its turn
/// (OpenCLDeviceTests, "Two models and four runs at once" and "Many starts take no more memory than a few").
final class GPUMemory: @unchecked Sendable {
  let handle: OpaquePointer
  private let program: GPUProgram

  init(_ handle: OpaquePointer, of program: GPUProgram) { (self.handle, self.program) = (handle, program) }

  deinit { cgpu_release(program.handle, handle) }
}

/// Elements in a device's memory.
final class GPUBuffer: DeviceBuffer {
  let count: Int
  let memory: GPUMemory
  private let pool: GPUMemoryPool?

  init(count: Int, memory: GPUMemory, pool: GPUMemoryPool?) {
    (self.count, self.memory, self.pool) = (count, memory, pool)
  }

  deinit { pool?.recycle(memory, count: count) }

  var byteCount: Int { count * MemoryLayout<Float>.stride }
}

/// Memory that operations reuse. What is returned to it may still be in use by what was launched before; it is lent
/// only to what is launched later in the same queue.
final class GPUMemoryPool: Sendable {
  private struct Idle {
    var memory: [Int: [GPUMemory]] = [:]
    var use: [Int] = []
  }

  private let idle = Mutex(Idle())
  private let program: GPUProgram

  init(_ program: GPUProgram) { self.program = program }

  /// Elements that are kept for as long as their buffer: parameters.
  func constant(count: Int) throws -> GPUBuffer {
    GPUBuffer(count: count, memory: try fresh(count: count), pool: nil)
  }

  /// Elements whose memory returns to the pool with their buffer.
  func buffer(count: Int) throws -> GPUBuffer {
    let reused = idle.withLock { $0.memory[count]?.popLast() }
    return GPUBuffer(count: count, memory: try reused ?? fresh(count: count), pool: self)
  }

  private func fresh(count: Int) throws -> GPUMemory {
    do {
      return try allocate(count: count)
    } catch is AllocationError {
      // Idle memory of other sizes may be what is missing.
      let unused = idle.withLock { idle in
        defer { idle.memory = [:] }
        return idle.memory
      }
      withExtendedLifetime(unused) {}
      return try allocate(count: count)
    }
  }

  private func allocate(count: Int) throws -> GPUMemory {
    let byteCount = Int.product(count, MemoryLayout<Float>.stride)
    guard count < GPUBackend.elementLimit else { throw AllocationError(byteCount: byteCount, device: program.label) }
    var handle: OpaquePointer?
    let status = cgpu_allocate(program.handle, byteCount, &handle)
    if let handle { return GPUMemory(handle, of: program) }
    if status.is_out_of_memory { throw AllocationError(byteCount: byteCount, device: program.label) }
    program.forget()
    throw DeviceFault("\(program.label): \(byteCount) bytes: \(status.failure ?? "no memory")")
  }

  func begin(use: [Int]) {
    idle.withLock { idle in
      if idle.use != use { idle = Idle(use: use) }
    }
  }

  func recycle(_ memory: GPUMemory, count: Int) { idle.withLock { $0.memory[count, default: []].append(memory) } }
}
