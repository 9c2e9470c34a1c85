import CTensorKernels
import Glibc

/// Binary32 elements in memory of their own, 64-byte aligned, followed by `CTK_SLACK` elements that kernels may read.
///
/// `@unchecked Sendable`, since the compiler cannot follow a pointer into C. What it would have to see: `base` is a constant, and its
/// memory goes back in `deinit` alone, when nobody holds the buffer. Only ``mutable`` gives writable memory, and only to the one that
/// has just made the buffer: kernels write a layer's output, in ranges of work items that do not overlap, before the layer returns it, and
/// ``ThreadPool/forEach(items:_:)`` does not return before every thread is done, which orders those writes before all that follows. A pool lends
/// memory to one buffer at a time: it is taken out of the pool under a lock, and comes back in the `deinit` of the buffer that has it.
/// `FloatBufferPoolTests` and the tests of whole models over threads hold it to that.
package final class FloatBuffer: @unchecked Sendable {
  /// How many elements it holds, without the slack.
  package let count: Int
  private let base: UnsafeMutablePointer<Float>
  /// The buffer whose memory this one uses, and where it goes afterwards; nil if the memory is its own.
  private let loan: (of: FloatBuffer, from: FloatBufferPool)?

  /// Makes a buffer. Its elements are zero if `zeroed`, else unspecified; the slack is always zero.
  package init(count: Int, zeroed: Bool = false) {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    self.count = count
    loan = nil
    let capacity = count + Int(CTK_SLACK)
    let memory = Self.allocate(byteCount: capacity * MemoryLayout<Float>.stride)
    base = memory.bindMemory(to: Float.self, capacity: capacity)
    let start = zeroed ? 0 : count
    (base + start).initialize(repeating: 0, count: capacity - start)
  }

  /// Makes a buffer in the memory of another one, which rests in a pool.
  init(lending buffer: FloatBuffer, of pool: FloatBufferPool) {
    count = buffer.count
    base = buffer.base
    loan = (buffer, pool)
  }

  /// Large buffers lie on huge pages where the system has them: the weights are read from end to end in every forward pass, and
  /// with small pages the address translation is what the reading waits for.
  private static func allocate(byteCount: Int) -> UnsafeMutableRawPointer {
    let hugePage = 2 << 20
    guard byteCount >= hugePage else { return .allocate(byteCount: byteCount, alignment: 64) }
    let memory = UnsafeMutableRawPointer.allocate(byteCount: byteCount, alignment: hugePage)
    // It is advice: a failure costs speed, not correctness.
    _ = madvise(memory, byteCount, MADV_HUGEPAGE)
    return memory
  }

  /// Makes a buffer of elements.
  package convenience init(_ elements: [Float]) {
    self.init(count: elements.count)
    elements.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { base.update(from: start, count: count) }
    }
  }

  deinit {
    if let loan {
      loan.from.rest(loan.of)
    } else {
      UnsafeMutableRawPointer(base).deallocate()
    }
  }

  /// The elements, for reading.
  package var pointer: UnsafePointer<Float> { UnsafePointer(base) }

  /// The elements, for the one that fills the buffer.
  package var mutable: UnsafeMutablePointer<Float> { base }

  /// A copy of the elements.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
