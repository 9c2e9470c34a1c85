import Glibc

/// An allocator of buffers: the only source of large memory, which reports when there is none.
package protocol BufferAllocator: Sendable {
  /// Allocates memory, 64-byte aligned; nil if there is none.
  func allocate(byteCount: Int) -> UnsafeMutableRawPointer?
  /// Frees memory from ``allocate(byteCount:)``.
  func deallocate(_ memory: UnsafeMutableRawPointer)
  /// Whether as much memory is left. Swift's own arrays end the process where there is none, so buffers leave room.
  func hasRoom(byteCount: Int) -> Bool
}

extension BufferAllocator {
  /// ``hasRoom(byteCount:)``, asked only where it matters: small models are as fast as ever.
  package func leavesRoom(byteCount: Int) -> Bool { byteCount < 1 << 20 || hasRoom(byteCount: byteCount) }
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

  /// Asks the system, which knows every limit, and gives the memory back untouched. What the rest of the program may
  /// need meanwhile comes on top.
  package func hasRoom(byteCount: Int) -> Bool {
    let total = Int.sum(of: [byteCount, 16 << 20])
    guard let memory = mmap(nil, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0),
      memory != MAP_FAILED
    else { return false }
    munmap(memory, total)
    return true
  }
}
