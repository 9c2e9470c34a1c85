import CTensorKernels

/// Kernels that measure the peak performance of the processor with a number of threads and its widest registers.
package struct PeakKernels: Sendable {
  /// The display name of the registers: `avx512`, `avx2`, `portable`.
  package let name: String
  private let fma: @convention(c) (Int, Float, Float) -> Float
  private let flopsPerRound: Int
  private let sum: @convention(c) (UnsafePointer<Float>?, Int) -> Float
  private let pool: ThreadPool
  /// The same division of work as in an operation, so that an interrupted thread does not hold up the others.
  private var items: Int { 16 * pool.threads }

  /// Selects the widest kernels and starts the threads; nil if this architecture has none, or the system refuses.
  package init?(threads: Int) {
    guard let table = ctk_peak_widest()?.pointee, let fma = table.fma, let sum = table.read,
      let pool = ThreadPool(threads: threads)
    else { return nil }
    name = String(cString: table.name)
    (self.fma, flopsPerRound, self.sum) = (fma, table.flops_per_round, sum)
    self.pool = pool
  }

  /// Multiplies and adds in registers, on every thread.
  ///
  /// - Returns: The number of floating-point operations; a fused multiply-add counts as two.
  package func multiplyAdd(rounds: Int) -> Int {
    pool.forEach(items: items) { items in
      for _ in items { _ = fma(rounds, 0.5, 1) }
    }
    return items * rounds * flopsPerRound
  }

  /// Prepares to read memory on every thread.
  ///
  /// - Returns: A function that reads it once and returns the number of bytes read.
  /// - Throws: ``AllocationError`` if there is not enough.
  package func reading(byteCount: Int) throws -> () -> Int {
    let buffer = try FloatBuffer(count: byteCount / MemoryLayout<Float>.stride, zeroed: true)
    let each = buffer.count / items
    return {
      pool.forEach(items: items) { items in
        _ = sum(buffer.pointer + items.lowerBound * each, items.count * each)
      }
      return each * items * MemoryLayout<Float>.stride
    }
  }
}
