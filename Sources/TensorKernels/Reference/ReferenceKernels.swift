import CTensorKernels

/// The scalar oracle: the arithmetic exactly as the contract specifies it, one element at a time. It is slow, and the
/// reference that every other set must equal bit for bit.
package struct ReferenceKernels: KernelSet {
  /// Creates the oracle.
  package init() {}

  package var name: String { "reference" }

  /// The oracle reads weights as they are in the file, or `[outputChannels][inputChannels][points]` once transformed.
  package func pack(
    _ weights: [Float], for shape: ConvolutionShape, pool: ThreadPool, allocator: any BufferAllocator
  ) throws -> FloatBuffer {
    precondition(weights.count == shape.weightCount, "weights do not fit their extents")
    guard shape.algorithm != .direct else { return try FloatBuffer(weights, from: allocator) }
    let winograd = ScalarWinograd(shape.algorithm.ctk)
    let transformed = stride(from: 0, to: weights.count, by: 9).flatMap {
      winograd.weights(Array(weights[$0..<$0 + 9]))
    }
    return try FloatBuffer(transformed, from: allocator)
  }
}
