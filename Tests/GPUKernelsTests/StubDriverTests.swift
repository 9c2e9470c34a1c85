import CGPU
import GPUKernels
import StubDrivers
import Synchronization
import Testing

/// Tests of drivers that are not as they should be. The stubs are the process's own, so that these run one by one.
@Suite("Drivers", .serialized) struct StubDriverTests {
  /// The functions of OpenCL, to be made to fail.
  static func openCL() throws -> GPUDriver {
    var message = [CChar](repeating: 0, count: 256)
    let library = try #require(cgpu_open_library("libOpenCL.so.1", &message))
    stub_opencl_fail(0, 0)
    return try GPUDriver(.opencl, find: stub_opencl_find, context: library)
  }
}

/// Keeps compiled kernels in memory.
final class MemoryCache: BinaryCache {
  private let kept = Mutex<[(key: BinaryKey, binary: [UInt8])]>([])

  var count: Int { kept.withLock { $0.count } }

  func binary(for key: BinaryKey) -> [UInt8]? { kept.withLock { $0.last { $0.key == key }?.binary } }

  func keep(_ binary: [UInt8], for key: BinaryKey) { kept.withLock { $0.append((key, binary)) } }

  /// Replaces everything by bytes that are no program.
  func spoil() {
    kept.withLock { kept in
      for index in kept.indices { kept[index].binary = Array(kept[index].binary.prefix(1000).reversed()) }
    }
  }
}
