import CTensorKernels

/// What shows the most that the processor can do with a number of threads, with the widest registers it has.
package struct PeakKernels: Sendable {
  /// What people call the registers: `avx512`, `avx2`, `portable`.
  package let name: String
  private let fma: @convention(c) (Int, Float, Float) -> Float
  private let flopsPerRound: Int
  private let sum: @convention(c) (UnsafePointer<Float>?, Int) -> Float
  private let pool: ThreadPool
  /// The same shape of work as an operation's, so that a thread that is interrupted does not hold up
  /// the others.
  private var items: Int { 16 * pool.threads }

  /// Finds the widest and starts the threads; nil if there is none for this architecture, or the system refuses.
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
  /// - Returns: How many floating-point operations that was, a fused multiply-add counted as two.
  package func multiplyAdd(rounds: Int) -> Int {
    pool.forEach(items: items) { items in
      for _ in items { _ = fma(rounds, 0.5, 1) }
    }
    return items * rounds * flopsPerRound
  }

  /// Prepares the reading of memory with every thread.
  ///
  /// - Returns: What reads it once, and returns how many bytes that was.
  /// - Throws: ``AllocationError`` if there is not as much.
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
