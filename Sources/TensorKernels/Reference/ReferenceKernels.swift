import CTensorKernels

/// The scalar oracle: the arithmetic as the contract writes it down, one element at a time. Slow, and what every other set
/// must equal bit for bit.
package struct ReferenceKernels: KernelSet {
  /// Makes the oracle.
  package init() {}

  package var name: String { "reference" }

  /// The oracle reads weights as they are in the file, or `[outputChannels][inputChannels][points]` once transformed.
  package func pack(
    _ weights: [Float], outputChannels: Int, inputChannels: Int, taps: Int, algorithm: ctk_algorithm, pool: ThreadPool
  ) -> FloatBuffer {
    precondition(weights.count == outputChannels * inputChannels * taps, "weights do not fit their extents")
    guard algorithm != ctk_direct else { return FloatBuffer(weights) }
    let winograd = ScalarWinograd(algorithm)
    return FloatBuffer(
      stride(from: 0, to: weights.count, by: 9).flatMap { winograd.weights(Array(weights[$0..<$0 + 9])) })
  }
}
