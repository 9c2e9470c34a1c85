import Glibc

/// An allocator of buffers: the only source of large memory, which reports when there is none.
package protocol BufferAllocator: Sendable {
  /// Allocates memory, 64-byte aligned; nil if there is none.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer?
  /// Frees memory from ``allocate(byteCount:)``.
  func deallocate(_ memory: UnsafeMutableRawPointer)
}

/// The system's memory. Swift's own `allocate` would end the process when out of memory.
package struct SystemAllocator: BufferAllocator {
  package init() {}

  /// Large buffers use huge pages if the system has them: every forward pass reads all weights, and with small pages
  /// address translation limits the speed of reading.
  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    let hugePage = 2 << 20, isLarge = byteCount >= hugePage
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, isLarge ? hugePage : 64, byteCount) == 0 else { return nil }
    // It is only advice: a failure costs speed, not correctness.
    if isLarge { _ = madvise(memory, byteCount, MADV_HUGEPAGE) }
    return memory
  }

  package func deallocate(_ memory: UnsafeMutableRawPointer) { free(memory) }
}
