import CTensorKernels

/// Kernels compiled for one instruction set.
package struct NativeKernels: KernelSet {
  private typealias Convolve = @convention(c) (UnsafePointer<ctk_convolution>?, Int, Int) -> Void
  private typealias ConvolveIn =
    @convention(c) (UnsafePointer<ctk_convolution>?, Int, Int, UnsafeMutablePointer<ctk_winograd_room>?) -> Void
  private typealias Normalize = @convention(c) (UnsafePointer<ctk_group_norm>?, Int, Int) -> Void
  private typealias Attend = @convention(c) (UnsafePointer<ctk_attention>?, Int, Int) -> Void

  package let name: String
  private let direct: Convolve
  private let convolveIn: ConvolveIn
  private let norm: Normalize
  private let transpose: Attend
  private let attend: Attend

  /// Takes the functions of a set; nil without one.
  private init?(_ table: UnsafePointer<ctk_kernels>?) {
    guard let table = table?.pointee, let direct = table.convolution, let convolveIn = table.winograd,
      let norm = table.group_norm, let transpose = table.transpose_keys, let attend = table.attention
    else { return nil }
    name = String(cString: table.name)
    (self.direct, self.convolveIn, self.norm) = (direct, convolveIn, norm)
    (self.transpose, self.attend) = (transpose, attend)
  }

  /// For AVX-512 (F, VL, DQ, BW); nil where the processor lacks it.
  package static var avx512: NativeKernels? { NativeKernels(ctk_kernels_avx512()) }
  /// For AVX2 with FMA; nil where the processor lacks it.
  package static var avx2: NativeKernels? { NativeKernels(ctk_kernels_avx2()) }
  /// For every processor that this was compiled for.
  package static var portable: NativeKernels? { NativeKernels(ctk_kernels_portable()) }

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
    withUnsafePointer(to: problem) { direct($0, items.lowerBound, items.upperBound) }
  }

  package func winograd(_ problem: ctk_convolution, items: Range<Int>, room: UnsafeMutablePointer<ctk_winograd_room>) {
    withUnsafePointer(to: problem) { convolveIn($0, items.lowerBound, items.upperBound, room) }
  }

  package func groupNorm(_ problem: ctk_group_norm, items: Range<Int>) {
    withUnsafePointer(to: problem) { norm($0, items.lowerBound, items.upperBound) }
  }

  package func transposeKeys(_ problem: ctk_attention, items: Range<Int>) {
    withUnsafePointer(to: problem) { transpose($0, items.lowerBound, items.upperBound) }
  }

  package func attention(_ problem: ctk_attention, items: Range<Int>) {
    withUnsafePointer(to: problem) { attend($0, items.lowerBound, items.upperBound) }
  }
}
