import TensorKernels

/// Shown what a layer has made, by its name, in the order layers run.
package typealias LayerObserver = @Sendable (_ layer: String, _ output: FeatureMap) -> Void

/// Who computes: a set of kernels and the threads that share its work.
package struct ComputeContext: Sendable {
  package let kernels: any KernelSet
  package let pool: ThreadPool
  /// Where the layers' outputs lie while they are needed.
  package let buffers = FloatBufferPool()
  /// Who takes the time of each layer; nobody if nil.
  package var profiler: LayerProfiler?
  /// Shown what each layer has made; nobody if nil.
  package var observer: LayerObserver?

  /// Takes the kernels of a device and starts its threads.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside of 1 to `RunSettings.maximumThreads`,
  ///   `unavailable` if they cannot be started.
  package init(device: Device, threads: Int) throws {
    guard (1...RunSettings.maximumThreads).contains(threads) else {
      let expected = "a whole number from 1 to \(RunSettings.maximumThreads)"
      throw DiffusionError(SettingFault("threads", found: "\(threads)", expected: expected))
    }
    guard let pool = ThreadPool(threads: threads) else {
      throw DiffusionError(.unavailable, "the system refuses to start \(threads) threads: ask for fewer")
    }
    self.pool = pool
    kernels = device.kernels
  }

  /// Does a layer's work, has its time taken if there is a profiler, and shows its output if there is an observer.
  package func measure(_ layer: @autoclosure () -> LayerWork, output: FeatureMap, _ work: () -> Void) {
    if let profiler { profiler.measure(layer(), work) } else { work() }
    observer?(layer().name, output)
  }
}
