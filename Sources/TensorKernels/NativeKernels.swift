import CTensorKernels

/// Kernels compiled for one instruction set.
///
/// `@unchecked Sendable`: the table of functions is a constant of the program.
package struct NativeKernels: KernelSet, @unchecked Sendable {
  private let table: UnsafePointer<ctk_kernels>

  private init(_ table: UnsafePointer<ctk_kernels>) { self.table = table }

  /// For AVX-512 (F, VL, DQ, BW); nil where the processor lacks it.
  package static var avx512: NativeKernels? { ctk_kernels_avx512().map(NativeKernels.init) }
  /// For AVX2 with FMA; nil where the processor lacks it.
  package static var avx2: NativeKernels? { ctk_kernels_avx2().map(NativeKernels.init) }
  /// For every processor that this was compiled for.
  package static var portable: NativeKernels? { ctk_kernels_portable().map(NativeKernels.init) }

  package var name: String { String(cString: table.pointee.name) }

  package func pack(
    _ weights: [Float], outputChannels: Int, inputChannels: Int, taps: Int, algorithm: ctk_algorithm, pool: ThreadPool
  ) -> FloatBuffer {
    precondition(weights.count == outputChannels * inputChannels * taps, "weights do not fit their extents")
    guard algorithm != ctk_direct else {
      let packed = FloatBuffer(count: ctk_packed_count(Int32(outputChannels), inputChannels * taps))
      ctk_pack(weights, Int32(outputChannels), Int32(inputChannels), Int32(taps), packed.mutable)
      return packed
    }
    precondition(taps == 9, "Winograd's convolution takes 3x3 weights")
    let size = Int(ctk_winograd_size(algorithm))
    let packed = FloatBuffer(count: ctk_packed_count(Int32(outputChannels), inputChannels * size * size))
    let target = packed.mutable
    weights.withUnsafeBufferPointer { weights in
      pool.forEach(items: ctk_convolution_blocks(Int32(outputChannels))) { blocks in
        ctk_winograd_pack(
          algorithm, weights.baseAddress, Int32(outputChannels), Int32(inputChannels), target, blocks.lowerBound,
          blocks.upperBound)
      }
    }
    return packed
  }

  package func convolution(_ problem: ctk_convolution, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.convolution($0, items.lowerBound, items.upperBound) }
  }

  package func winogradInput(_ problem: ctk_convolution, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.winograd_input($0, items.lowerBound, items.upperBound) }
  }

  package func winogradOutput(_ problem: ctk_convolution, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.winograd_output($0, items.lowerBound, items.upperBound) }
  }

  package func winogradSlabs(_ problem: ctk_convolution, items: Range<Int>, room: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: problem) { table.pointee.winograd_slabs($0, items.lowerBound, items.upperBound, room) }
  }

  package func groupNorm(_ problem: ctk_group_norm, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.group_norm($0, items.lowerBound, items.upperBound) }
  }

  package func transposeKeys(_ problem: ctk_attention, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.transpose_keys($0, items.lowerBound, items.upperBound) }
  }

  package func attention(_ problem: ctk_attention, items: Range<Int>) {
    withUnsafePointer(to: problem) { table.pointee.attention($0, items.lowerBound, items.upperBound) }
  }
}
