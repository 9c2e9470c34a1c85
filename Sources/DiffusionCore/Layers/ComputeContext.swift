import TensorKernels

/// Who computes: a set of kernels and the threads that share its work.
package struct ComputeContext: Sendable {
  package let kernels: any KernelSet
  package let pool: ThreadPool

  /// Takes the kernels of a device and starts its threads.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside of 1...1024, `unavailable` if they cannot be started.
  package init(device: Device, threads: Int) throws {
    guard (1...1024).contains(threads) else {
      throw DiffusionError(.usage, "--threads \(threads) is out of range: expected 1 to 1024")
    }
    guard let pool = ThreadPool(threads: threads) else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads; ask for fewer with --threads")
    }
    self.pool = pool
    kernels = device.kernels
  }
}
