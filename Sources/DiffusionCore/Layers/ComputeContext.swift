import TensorKernels

/// Shown what a layer has made, by its name, in the order layers run: `[batch, channels, height, width]`.
package typealias LayerObserver = @Sendable (_ layer: String, _ output: Tensor<Float>) throws -> Void

/// The device that layers compute on, and what watches them.
package struct ComputeContext: Sendable {
  package let backend: any Backend
  /// Takes the time of each layer; nil for none.
  package var profiler: LayerProfiler?
  /// Shown what each layer has made; nil for none.
  package var observer: LayerObserver?

  /// Opens a device.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside of 1 to `Device.maximumThreads`,
  ///   `unavailable` if they cannot be started.
  package init(device: Device, threads: Int) throws { backend = try device.open(threads: threads) }

  /// Memory for what a layer makes.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) that names the layer, if the device has none.
  package func output(of layer: String, batch: Int, height: Int, width: Int, channels: Int) throws -> FeatureMap {
    try naming(layer) {
      try FeatureMap(batch: batch, height: height, width: width, channels: channels, on: backend)
    }
  }

  /// Does a layer's operation, has its time taken if there is a profiler, and shows its output if there is an observer.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) that names the layer, if the device has no memory for it; what the
  ///   device and the observer throw.
  package func run(
    _ work: @autoclosure () -> LayerWork, of layer: String, output: FeatureMap,
    _ operation: (any Backend) throws -> Void
  ) throws {
    try naming(layer) {
      if let profiler {
        try profiler.measure(work()) {
          try operation(backend)
          try backend.finish()
        }
      } else {
        try operation(backend)
      }
    }
    try observer?(layer, output.tensor(on: backend))
  }

  /// Does something for a layer, and names it where the device has no memory.
  package func naming<Result>(_ layer: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AllocationError {
      throw DiffusionError(
        .unavailable,
        "\(layer): out of memory: the device has no \(error.byteCount) bytes for it; "
          + "take a smaller batch, image or model, or free memory")
    }
  }
}
