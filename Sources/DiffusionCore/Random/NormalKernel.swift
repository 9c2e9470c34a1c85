/// What PyTorch's CPU normals of 16 elements and more are made of: uniforms of one type, and a Box-Muller transform of
/// blocks of 16 of them (`normal_fill` and `NormalFill16`, `ATen/native/cpu/DistributionTemplates.h`).
protocol NormalKernel {
  /// The type that the arithmetic is done in.
  associatedtype Real: BinaryFloatingPoint

  /// Draws a uniform of [0, 1).
  static func uniform(from twister: inout MersenneTwister) -> Real

  /// Turns 16 uniforms into 16 normals in place; lanes j and j + 8 make a pair.
  static func transform(_ block: UnsafeMutableBufferPointer<Real>)
}

extension NormalKernel {
  /// Draws normals as `normal_fill` does: all uniforms first, then block by block; a last block that is not full is made of
  /// 16 fresh uniforms over the last 16 elements.
  ///
  /// - Parameters:
  ///   - count: How many; at least 16.
  ///   - drawsTail: Whether the uniforms past the last full block are drawn, only to be overwritten.
  static func normals(count: Int, drawsTail: Bool, from twister: inout MersenneTwister) -> [Real] {
    let tail = count % 16
    let drawn = drawsTail ? count : count - tail
    return Array(unsafeUninitializedCapacity: count) { buffer, initialized in
      for index in 0..<drawn { buffer.initializeElement(at: index, to: uniform(from: &twister)) }
      for start in stride(from: 0, to: count - tail, by: 16) {
        transform(UnsafeMutableBufferPointer(rebasing: buffer[start..<start + 16]))
      }
      if tail != 0 {
        let last = UnsafeMutableBufferPointer(rebasing: buffer[(count - 16)..<count])
        for index in 0..<16 { last.initializeElement(at: index, to: uniform(from: &twister)) }
        transform(last)
      }
      initialized = count
    }
  }
}
