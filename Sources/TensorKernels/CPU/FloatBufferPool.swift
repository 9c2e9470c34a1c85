import Synchronization

/// What a step needs beside the network: tensors of the sample's shape are still to be made of its result.
package enum StepTensors {
  /// Their number, with some to spare.
  package static let count = 16
}

/// A pool of memory that operations reuse, so that only the first pass over a model allocates from the system. Any
/// thread may use it.
package final class FloatBufferPool: Sendable {
  private struct Idle {
    var buffers: [Int: [FloatBuffer]] = [:]
    var use: [Int] = []
    /// Whether large buffers wait for the next pass.
    var keepsLarge = true
  }

  /// The elements of a buffer that takes less time to allocate than any operation on it.
  private static let largeCount = 1 << 20

  /// The dimensions of a sample, `[batch, channels, height, width]`, which come first in a use.
  private static let sampleRank = 4

  private let idle = Mutex(Idle())
  private let allocator: any BufferAllocator

  /// Creates an empty pool.
  package init(allocator: any BufferAllocator = SystemAllocator()) { self.allocator = allocator }

  /// Returns a buffer of unspecified elements; its memory returns to the pool with its last reference.
  ///
  /// - Throws: ``AllocationError`` if there is no memory for it.
  package func buffer(count: Int) throws -> FloatBuffer {
    let reused = idle.withLock { $0.buffers[count]?.popLast() }
    return FloatBuffer(lending: try reused ?? fresh(count: count), of: self)
  }

  private func fresh(count: Int) throws -> FloatBuffer {
    let unneeded = idle.withLock { idle in
      guard !idle.keepsLarge else { return [Int: [FloatBuffer]]() }
      let large = idle.buffers.filter { $0.key >= Self.largeCount }
      for key in large.keys { idle.buffers[key] = nil }
      return large
    }
    // They are freed here, before more is taken.
    _ = consume unneeded
    do {
      return try allocate(count: count)
    } catch is AllocationError {
      // Idle buffers of other sizes may be using the memory that is needed.
      idle.withLock { $0.buffers = [:] }
      return try allocate(count: count)
    }
  }

  private func allocate(count: Int) throws -> FloatBuffer {
    let buffer = try FloatBuffer(count: count, from: allocator)
    let sample = idle.withLock { Int.product(of: $0.use.prefix(Self.sampleRank)) }
    let room = Int.product(sample, MemoryLayout<Float>.stride, StepTensors.count)
    guard allocator.leavesRoom(byteCount: room) else { throw AllocationError(byteCount: room) }
    return buffer
  }

  /// Announces the use of the memory: the shape of the input, and then whatever else decides the sizes of buffers. If
  /// it differs from the last one, the idle buffers have the wrong sizes and are freed.
  ///
  /// - Parameter keepsLarge: Whether large buffers are kept for another pass of the same use, although buffers of other
  ///   sizes are needed first.
  package func begin(use: [Int], keepsLarge: Bool = true) {
    idle.withLock { idle in
      if idle.use != use { idle = Idle(use: use) }
      idle.keepsLarge = keepsLarge
    }
  }

  /// Returns a buffer to the pool.
  func recycle(_ buffer: FloatBuffer) {
    idle.withLock { $0.buffers[buffer.count, default: []].append(buffer) }
  }
}
