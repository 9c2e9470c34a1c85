import CTensorKernels

/// What shows the most that the processor can do, with the widest registers it has.
package struct PeakKernels: Sendable {
  /// What people call the registers: `avx512`, `avx2`, `portable`.
  package let name: String
  private let fma: @convention(c) (Int, Float, Float) -> Float
  private let flopsPerRound: Int
  private let sum: @convention(c) (UnsafePointer<Float>?, Int) -> Float

  /// Finds the widest; nil if there is none for this architecture.
  package init?() {
    guard let table = ctk_peak_widest()?.pointee, let fma = table.fma, let sum = table.read else { return nil }
    name = String(cString: table.name)
    (self.fma, flopsPerRound, self.sum) = (fma, table.flops_per_round, sum)
  }

  /// Multiplies and adds in registers, on every thread of a pool, each item `rounds` rounds.
  ///
  /// - Returns: How many floating-point operations that was, a fused multiply-add counted as two.
  package func multiplyAdd(items: Int, rounds: Int, pool: ThreadPool) -> Int {
    pool.forEach(items: items) { items in
      for _ in items { _ = fma(rounds, 0.5, 1) }
    }
    return items * rounds * flopsPerRound
  }

  /// Reads a buffer once, with every thread of a pool.
  ///
  /// - Returns: How many bytes that was.
  package func read(_ buffer: FloatBuffer, items: Int, pool: ThreadPool) -> Int {
    let each = buffer.count / items
    pool.forEach(items: items) { items in
      _ = sum(buffer.pointer + items.lowerBound * each, items.count * each)
    }
    return each * items * MemoryLayout<Float>.stride
  }
}
