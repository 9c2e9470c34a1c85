import Synchronization

/// Memory that operations hand on to each other: what one has let go, the next takes, so that a pass over a model asks
/// the system for memory the first time only. Any thread may use it.
package final class FloatBufferPool: Sendable {
  private struct Idle {
    var buffers: [Int: [FloatBuffer]] = [:]
    var use: [Int] = []
  }

  private let idle = Mutex(Idle())
  private let allocator: any BufferAllocator

  /// Makes an empty one.
  package init(allocator: any BufferAllocator = SystemAllocator()) { self.allocator = allocator }

  /// A buffer of unspecified elements; its memory comes back with its last reference.
  ///
  /// - Throws: ``AllocationError`` if there is no memory for it.
  package func buffer(count: Int) throws -> FloatBuffer {
    let reused = idle.withLock { $0.buffers[count]?.popLast() }
    return FloatBuffer(lending: try reused ?? fresh(count: count), of: self)
  }

  private func fresh(count: Int) throws -> FloatBuffer {
    do {
      return try FloatBuffer(count: count, from: allocator)
    } catch is AllocationError {
      // What rests here in other sizes may be what is missing.
      idle.withLock { $0.buffers = [:] }
      return try FloatBuffer(count: count, from: allocator)
    }
  }

  /// Says what the memory is for, such as the shape of what goes in: for another use than the last one its buffers have
  /// the wrong sizes, and go back to the system.
  package func begin(use: [Int]) {
    idle.withLock { idle in
      if idle.use != use { idle = Idle(use: use) }
    }
  }

  /// Takes back memory that is no longer used.
  func rest(_ buffer: FloatBuffer) {
    idle.withLock { $0.buffers[buffer.count, default: []].append(buffer) }
  }
}
