import CTensorKernels

/// Binary32 elements in 64-byte aligned memory, followed by `CTK_SLACK` elements that kernels may read.
///
/// It is `@unchecked Sendable` because the compiler cannot follow a pointer into C. The invariants: `base` is constant,
/// and its memory is released only in `deinit`, with the last reference to the buffer. Only ``mutable`` gives writable
/// memory, and only the creator of the buffer uses it: kernels write an operation's output, in ranges of work items
/// that do not overlap, before the operation returns, and ``ThreadPool/forEach(items:_:)`` does not return before every
/// thread is done, which orders those writes before everything that follows. A pool lends memory to one buffer at a
/// time: it is taken out of the pool under a lock, and returned in the `deinit` of the buffer that has it.
/// `FloatBufferPoolTests` and the tests of whole models on several threads check this.
package final class FloatBuffer: DeviceBuffer, @unchecked Sendable {
  /// The number of elements, without the slack.
  package let count: Int
  private let base: UnsafeMutablePointer<Float>
  private let owner: Owner

  /// The owner that the memory is returned to.
  private enum Owner {
    case allocator(any BufferAllocator)
    /// A pool, which keeps the buffer whose memory this one uses.
    case pool(FloatBufferPool, of: FloatBuffer)
  }

  /// Creates a buffer. Its elements are zero if `zeroed`, otherwise unspecified; the slack is always zero.
  ///
  /// - Throws: ``AllocationError`` if there is no memory for it.
  package init(count: Int, zeroed: Bool = false, from allocator: any BufferAllocator = SystemAllocator()) throws {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    let (capacity, isTooLong) = count.addingReportingOverflow(Int(CTK_SLACK))
    let (byteCount, isTooLarge) = capacity.multipliedReportingOverflow(by: MemoryLayout<Float>.stride)
    guard !isTooLong, !isTooLarge else { throw AllocationError(byteCount: .max) }
    guard let memory = allocator.allocate(byteCount: byteCount) else { throw AllocationError(byteCount: byteCount) }
    self.count = count
    owner = .allocator(allocator)
    base = memory.bindMemory(to: Float.self, capacity: capacity)
    let start = zeroed ? 0 : count
    (base + start).initialize(repeating: 0, count: capacity - start)
  }

  /// Creates a buffer in the memory of another one, which belongs to a pool.
  init(lending buffer: FloatBuffer, of pool: FloatBufferPool) {
    count = buffer.count
    base = buffer.base
    owner = .pool(pool, of: buffer)
  }

  /// Creates a buffer from elements.
  ///
  /// - Throws: ``AllocationError`` if there is no memory for it.
  package convenience init(_ elements: [Float], from allocator: any BufferAllocator = SystemAllocator()) throws {
    try self.init(count: elements.count, from: allocator)
    fill(with: elements)
  }

  deinit {
    switch owner {
    case .allocator(let allocator): allocator.deallocate(UnsafeMutableRawPointer(base))
    case .pool(let pool, let buffer): pool.recycle(buffer)
    }
  }

  /// The elements, for reading.
  package var pointer: UnsafePointer<Float> { UnsafePointer(base) }

  /// The elements, for the creator of the buffer.
  package var mutable: UnsafeMutablePointer<Float> { base }

  /// Writes all elements, for the creator of the buffer.
  package func fill(with elements: [Float]) {
    precondition(elements.count == count, "a buffer of \(count) elements cannot take \(elements.count)")
    elements.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { base.update(from: start, count: count) }
    }
  }

  /// A copy of the elements.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
