import TensorKernels

/// Who computes: a set of kernels and the threads that share its work.
package struct ComputeContext: Sendable {
  package let kernels: any KernelSet
  package let pool: ThreadPool
  /// Who takes the time of each layer; nobody if nil.
  package let profiler: LayerProfiler?

  /// Takes the kernels of a device and starts its threads.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside of 1...1024, `unavailable` if they cannot be started.
  package init(device: Device, threads: Int, profiler: LayerProfiler? = nil) throws {
    guard (1...1024).contains(threads) else {
      throw DiffusionError(.usage, "--threads \(threads) is out of range: expected 1 to 1024")
    }
    guard let pool = ThreadPool(threads: threads) else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads; ask for fewer with --threads")
    }
    self.pool = pool
    self.profiler = profiler
    kernels = device.kernels
  }

  /// Does a layer's work, and has its time taken if there is a profiler.
  package func measure(_ layer: @autoclosure () -> LayerWork, _ work: () -> Void) {
    guard let profiler else { return work() }
    profiler.measure(layer(), work)
  }
}
