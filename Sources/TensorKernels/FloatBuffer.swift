import CTensorKernels
import Glibc

/// Binary32 elements in memory of their own, 64-byte aligned, followed by `CTK_SLACK` elements that kernels may read.
///
/// `@unchecked Sendable`: the pointer never changes and the memory lives as long as the object. Whoever makes a buffer fills it,
/// through ``mutable``, before anyone else sees it; from then on it is only read.
package final class FloatBuffer: @unchecked Sendable {
  /// How many elements it holds, without the slack.
  package let count: Int
  private let base: UnsafeMutablePointer<Float>

  /// Makes a buffer. Its elements are zero if `zeroed`, else unspecified; the slack is always zero.
  package init(count: Int, zeroed: Bool = false) {
    precondition(count >= 0, "a buffer cannot hold \(count) elements")
    self.count = count
    let capacity = count + Int(CTK_SLACK)
    let memory = UnsafeMutableRawPointer.allocate(byteCount: capacity * MemoryLayout<Float>.stride, alignment: 64)
    base = memory.bindMemory(to: Float.self, capacity: capacity)
    let start = zeroed ? 0 : count
    (base + start).initialize(repeating: 0, count: capacity - start)
  }

  /// Makes a buffer of elements.
  package convenience init(_ elements: [Float]) {
    self.init(count: elements.count)
    elements.withUnsafeBufferPointer { source in
      if let start = source.baseAddress { base.update(from: start, count: count) }
    }
  }

  deinit { UnsafeMutableRawPointer(base).deallocate() }

  /// The elements, for reading.
  package var pointer: UnsafePointer<Float> { UnsafePointer(base) }

  /// The elements, for the one that fills the buffer.
  package var mutable: UnsafeMutablePointer<Float> { base }

  /// A copy of the elements.
  package var elements: [Float] { Array(UnsafeBufferPointer(start: base, count: count)) }
}
