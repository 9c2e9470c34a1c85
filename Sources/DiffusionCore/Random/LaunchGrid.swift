/// How PyTorch spreads one call over the threads of a CUDA card (`calc_execution_policy`,
/// `ATen/native/cuda/DistributionTemplates.h`).
///
/// Element i is drawn by thread `i % threads`, from its block `i / (threads * lanes)`, lane `i / threads % lanes`.
package struct LaunchGrid: Sendable, Equatable {
  /// The number of threads of a block.
  package static let blockSize = 256
  /// The supported numbers of multiprocessors of a card.
  package static let multiprocessorRange = 1...65_535
  /// The supported numbers of threads that one multiprocessor holds.
  package static let threadRange = 256...65_536

  /// The number of threads of the launch.
  package let threads: Int
  /// The number of blocks of four Philox words that every thread draws.
  package let blocksPerThread: Int

  /// Plans a call.
  ///
  /// - Parameters:
  ///   - count: The number of elements, at least 1.
  ///   - lanes: The number of elements from one Philox block: 4, or 2 in binary64.
  package init(count: Int, lanes: Int, multiprocessors: Int, threadsPerMultiprocessor: Int) throws {
    guard Self.multiprocessorRange.contains(multiprocessors) else {
      throw DiffusionError(
        .usage,
        "cuda generator has \(multiprocessors) multiprocessors, expected \(Self.multiprocessorRange.lowerBound) to "
          + "\(Self.multiprocessorRange.upperBound); take the card's own number (132 for an H100 SXM, 108 for an A100)")
    }
    guard Self.threadRange.contains(threadsPerMultiprocessor) else {
      throw DiffusionError(
        .usage,
        "cuda generator has \(threadsPerMultiprocessor) threads per multiprocessor, expected "
          + "\(Self.threadRange.lowerBound) to \(Self.threadRange.upperBound); take the card's own number (mostly 2048)"
      )
    }
    let cap = multiprocessors * (threadsPerMultiprocessor / Self.blockSize)
    threads = Self.blockSize * min((count + Self.blockSize - 1) / Self.blockSize, cap)
    blocksPerThread = (count - 1) / (threads * lanes) + 1
  }
}
