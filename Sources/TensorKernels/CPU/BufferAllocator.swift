import Glibc

/// Where buffers have their memory from: the one place that large memory comes from, and one that says so when there is
/// none.
package protocol BufferAllocator: Sendable {
  /// Memory of a number of bytes, 64-byte aligned; nil if there is none.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer?
  /// Takes back what ``allocate(byteCount:)`` gave.
  func deallocate(_ memory: UnsafeMutableRawPointer)
}

/// The system's memory. Swift's own `allocate` ends the process where there is none.
package struct SystemAllocator: BufferAllocator {
  package init() {}

  /// Large buffers lie on huge pages where the system has them: the weights are read from end to end in every forward
  /// pass, and with small pages the address translation is what the reading waits for.
  package func allocate(byteCount: Int) -> UnsafeMutableRawPointer? {
    let hugePage = 2 << 20, isLarge = byteCount >= hugePage
    var memory: UnsafeMutableRawPointer?
    guard posix_memalign(&memory, isLarge ? hugePage : 64, byteCount) == 0 else { return nil }
    // It is advice: a failure costs speed, not correctness.
    if isLarge { _ = madvise(memory, byteCount, MADV_HUGEPAGE) }
    return memory
  }

  package func deallocate(_ memory: UnsafeMutableRawPointer) { free(memory) }
}
