/// A demonstration of sums in another order, which the numerics contract does not cover.
///
/// Other runtimes cut long sums into parts so that threads can share them. This backend does the same: the sum over
/// the input channels of a convolution or a linear layer is cut into as many parts as there are threads, one after the
/// other, and the parts are added. Every number of threads has an order of its own, and so bits of its own; the same
/// number gives the same bits each time. One part is the contract's own order.
package final class ReassociatedBackend: Backend {
  private let cpu: CPUBackend
  private let parts: Int

  /// Starts the threads; nil if the system refuses.
  package init?(kernels: any KernelSet, threads: Int) {
    guard let cpu = CPUBackend(kernels: kernels, threads: threads) else { return nil }
    (self.cpu, parts) = (cpu, threads)
  }

  package func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer {
    precondition(weights.count == shape.weightCount, "weights do not fit their extents")
    let taps = shape.kernel * shape.kernel, count = max(1, min(parts, shape.inputChannels))
    let packed = try (0..<count).map { index in
      let channels = shape.inputChannels * index / count..<shape.inputChannels * (index + 1) / count
      let own = (0..<shape.outputChannels).flatMap { output in
        let start = output * shape.inputChannels
        return weights[(start + channels.lowerBound) * taps..<(start + channels.upperBound) * taps]
      }
      var part = shape
      part.inputChannels = channels.count
      return PartialWeights.Part(channels: channels, shape: part, weights: try cpu.packWeights(own, for: part))
    }
    let zeros = try cpu.constant([Float](repeating: 0, count: shape.outputChannels))
    return PartialWeights(parts: packed, zeros: zeros)
  }

  /// Adds the parts to the residual, and leaves the rest of the epilogue to the last one.
  package func convolution(_ operation: ConvolutionOperation) throws { try convolution(operation, check: nil) }

  package func convolution(_ operation: ConvolutionOperation, check: CancellationCheck?) throws {
    let weights = own(operation.weights, as: PartialWeights.self), whole = operation.output
    var sum = operation.residual
    for (index, part) in weights.parts.enumerated() {
      let isLast = index == weights.parts.count - 1
      let output =
        isLast
        ? whole
        : try FeatureMap(
          batch: whole.batch, height: whole.height, width: whole.width, channels: whole.channels, on: cpu)
      var partial = ConvolutionOperation(
        part.shape, weights: part.weights, bias: isLast ? operation.bias : weights.zeros,
        input: try input(part.channels, of: operation), output: output)
      partial.residual = sum
      if isLast { (partial.time, partial.divisor, partial.silu) = (operation.time, operation.divisor, operation.silu) }
      try cpu.convolution(partial, check: check)
      sum = output
    }
  }

  /// Copies some of an operation's input channels, counted through both of its inputs.
  private func input(_ channels: Range<Int>, of operation: ConvolutionOperation) throws -> FeatureMap {
    let first = operation.input
    let copy = try FeatureMap(
      batch: first.batch, height: first.height, width: first.width, channels: channels.count, on: cpu)
    let target = own(copy.buffer, as: FloatBuffer.self).mutable
    var start = 0
    for map in [first, operation.second].compactMap({ $0 }) {
      let shared = channels.clamped(to: start..<start + map.channels)
      let source = own(map.buffer, as: FloatBuffer.self).pointer
      for pixel in 0..<(shared.isEmpty ? 0 : map.batch * map.pixels) {
        (target + pixel * channels.count + shared.lowerBound - channels.lowerBound)
          .update(from: source + pixel * map.channels + shared.lowerBound - start, count: shared.count)
      }
      start += map.channels
    }
    return copy
  }

  package func begin(use: [Int]) { cpu.begin(use: use) }

  package func beginOnce(use: [Int]) { cpu.beginOnce(use: use) }

  package func buffer(count: Int) throws -> any DeviceBuffer { try cpu.buffer(count: count) }

  package func constant(_ elements: [Float]) throws -> any DeviceBuffer { try cpu.constant(elements) }

  package func upload(_ elements: [Float], to buffer: any DeviceBuffer) { cpu.upload(elements, to: buffer) }

  package func download(_ buffer: any DeviceBuffer) -> [Float] { cpu.download(buffer) }

  package func groupNorm(_ operation: GroupNormOperation) { cpu.groupNorm(operation) }

  package func layerNorm(_ operation: LayerNormOperation) { cpu.layerNorm(operation) }

  package func activation(_ operation: ActivationOperation) { cpu.activation(operation) }

  package func resample(_ operation: ResamplingOperation) { cpu.resample(operation) }

  package func modulation(_ operation: ModulationOperation) { cpu.modulation(operation) }

  package func attention(_ operation: AttentionOperation) throws { try cpu.attention(operation) }
  package func attention(_ operation: AttentionOperation, check: CancellationCheck?) throws {
    try cpu.attention(operation, check: check)
  }

  package func finish() { cpu.finish() }
}

/// The weights of a convolution, cut by input channels.
private final class PartialWeights: DeviceBuffer {
  struct Part: Sendable {
    let channels: Range<Int>
    let shape: ConvolutionShape
    let weights: any DeviceBuffer
  }

  let parts: [Part]
  /// The bias of every part but the last.
  let zeros: any DeviceBuffer
  var count: Int { parts.reduce(0) { $0 + $1.weights.count } }

  init(parts: [Part], zeros: any DeviceBuffer) { (self.parts, self.zeros) = (parts, zeros) }
}
