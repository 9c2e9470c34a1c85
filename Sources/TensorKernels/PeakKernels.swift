import CTensorKernels

/// What shows the most that the processor can do, with the widest registers it has.
///
/// `@unchecked Sendable`: the table of functions is a constant of the program.
package struct PeakKernels: @unchecked Sendable {
  private let table: UnsafePointer<ctk_peak>

  /// Finds the widest; nil if there is none for this architecture.
  package init?() {
    guard let table = ctk_peak_widest() else { return nil }
    self.table = table
  }

  /// What people call the registers: `avx512`, `avx2`, `portable`.
  package var name: String { String(cString: table.pointee.name) }

  /// Multiplies and adds in registers, on every thread of a pool, each item `rounds` rounds.
  ///
  /// - Returns: How many floating-point operations that was, a fused multiply-add counted as two.
  package func multiplyAdd(items: Int, rounds: Int, pool: ThreadPool) -> Int {
    pool.forEach(items: items) { items in
      for _ in items { _ = table.pointee.fma(rounds, 0.5, 1) }
    }
    return items * rounds * table.pointee.flops_per_round
  }

  /// Reads a buffer once, with every thread of a pool.
  ///
  /// - Returns: How many bytes that was.
  package func read(_ buffer: FloatBuffer, items: Int, pool: ThreadPool) -> Int {
    let each = buffer.count / items
    pool.forEach(items: items) { items in
      _ = table.pointee.read(buffer.pointer + items.lowerBound * each, items.count * each)
    }
    return each * items * MemoryLayout<Float>.stride
  }
}
