import TensorKernels

/// Called with the output of each layer and its name, in the order layers run: `[batch, channels, height, width]`.
package typealias LayerObserver = @Sendable (_ layer: String, _ output: Tensor<Float>) throws -> Void

/// Called with each attention to a text and its name, once it is done.
package typealias AttentionObserver = @Sendable (_ layer: String, _ operation: AttentionOperation) throws -> Void

/// The device that layers compute on, and its observers.
package struct ComputeContext: Sendable {
  package let backend: any Backend
  /// Times each layer; nil for no timing.
  package var profiler: LayerProfiler?
  /// Called with the output of each layer; nil for none.
  package var observer: LayerObserver?
  /// Called with each attention to a text; nil for none.
  package var attentionObserver: AttentionObserver?
  /// Called in the middle of layers that take long; nil for none. It is `nonisolated(unsafe)` because handlers of
  /// progress need not be `Sendable`. The invariant: only a copy of a model's context has one, which a forward pass
  /// makes for itself and no other thread sees (InterruptionTests, "reach the handler of the pass alone, on its thread,
  /// where two threads share a model").
  package nonisolated(unsafe) var check: CancellationCheck?

  /// Opens a device.
  ///
  /// - Throws: ``DiffusionError``: `usage` for a number of threads outside 1 to `Device.maximumThreads`, `unavailable`
  ///   if they cannot be started.
  package init(device: Device, threads: Int) throws { backend = try device.open(threads: threads) }

  /// The same device, without those who watch layers: for what is no layer of the model.
  package var unobserved: ComputeContext {
    var context = self
    (context.observer, context.profiler, context.attentionObserver) = (nil, nil, nil)
    return context
  }

  /// Allocates the output of a layer.
  ///
  /// - Throws: ``DiffusionError`` (`unavailable`) that names the layer, if the device is out of memory.
  package func output(of layer: String, batch: Int, height: Int, width: Int, channels: Int) throws -> FeatureMap {
    try naming(layer) {
      try FeatureMap(batch: batch, height: height, width: width, channels: channels, on: backend)
    }
  }

  /// Runs a layer's operation, timed if there is a profiler, and passes its output to the observer, if any.
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

  /// Runs a closure on behalf of a layer, and names the layer in the error if the device is out of memory.
  package func naming<Result>(_ layer: String, _ body: () throws -> Result) throws -> Result {
    try AllocationError.naming(layer, body)
  }
}

extension AllocationError {
  /// Runs a closure on behalf of a layer, and names the layer in the error if the device is out of memory.
  static func naming<Result>(_ layer: String, _ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let error as AllocationError {
      throw DiffusionError(
        .unavailable,
        "\(layer): out of memory: \(error.device ?? "the device") has no \(error.byteCount) bytes for it; "
          + "take a smaller batch, image or model, or free memory")
    }
  }
}
