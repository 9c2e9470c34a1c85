import CTensorKernels

/// Kernels compiled for one instruction set.
package struct NativeKernels: KernelSet {
  private typealias Convolve = @convention(c) (UnsafePointer<ctk_convolution>?, Int, Int) -> Void
  private typealias TransformedConvolve =
    @convention(c) (UnsafePointer<ctk_convolution>?, Int, Int, UnsafeMutablePointer<ctk_winograd_workspace>?) -> Void
  private typealias NormalizeGroups = @convention(c) (UnsafePointer<ctk_group_norm>?, Int, Int) -> Void
  private typealias NormalizeLayer = @convention(c) (UnsafePointer<ctk_layer_norm>?, Int, Int) -> Void
  private typealias Activate = @convention(c) (UnsafePointer<ctk_activation>?, Int, Int) -> Void
  private typealias Resample = @convention(c) (UnsafePointer<ctk_resample>?, Int, Int) -> Void
  private typealias Modulate = @convention(c) (UnsafePointer<ctk_modulation>?, Int, Int) -> Void
  private typealias TransposeKeys = @convention(c) (UnsafePointer<ctk_attention>?, Int, Int) -> Void
  private typealias Attend =
    @convention(c) (UnsafePointer<ctk_attention>?, Int, Int, UnsafeMutablePointer<Float>?) -> Void

  package let name: String
  private let direct: Convolve
  private let transformed: TransformedConvolve
  private let normalizeGroups: NormalizeGroups
  private let normalizeLayer: NormalizeLayer
  private let activate: Activate
  private let resample: Resample
  private let transpose: TransposeKeys
  private let attend: Attend
  private let modulate: Modulate

  /// Creates a set from its table of functions; nil without one.
  private init?(_ table: UnsafePointer<ctk_kernels>?) {
    guard let table = table?.pointee, let direct = table.convolution, let transformed = table.winograd,
      let normalizeGroups = table.group_norm, let normalizeLayer = table.layer_norm, let activate = table.activation,
      let resample = table.resample, let transpose = table.transpose_keys, let attend = table.attention,
      let modulate = table.modulation
    else { return nil }
    name = String(cString: table.name)
    (self.direct, self.transformed) = (direct, transformed)
    (self.normalizeGroups, self.normalizeLayer, self.activate) = (normalizeGroups, normalizeLayer, activate)
    (self.resample, self.modulate) = (resample, modulate)
    (self.transpose, self.attend) = (transpose, attend)
  }

  /// The kernels for AVX-512 (F, VL, DQ, BW); nil if the processor lacks it.
  package static var avx512: NativeKernels? { NativeKernels(ctk_kernels_avx512()) }
  /// The kernels for AVX2 with FMA; nil if the processor lacks it.
  package static var avx2: NativeKernels? { NativeKernels(ctk_kernels_avx2()) }
  /// The kernels for every processor of the compiler's target.
  package static var portable: NativeKernels? { NativeKernels(ctk_kernels_portable()) }

  package func pack(
    _ weights: [Float], for shape: ConvolutionShape, pool: ThreadPool, allocator: any BufferAllocator
  ) throws -> FloatBuffer {
    precondition(weights.count == shape.weightCount, "weights do not fit their extents")
    let outputs = Int32(shape.outputChannels), inputs = Int32(shape.inputChannels), taps = shape.kernel * shape.kernel
    guard let side = shape.algorithm.transformedSide else {
      let packed = try FloatBuffer(count: ctk_packed_count(outputs, shape.inputChannels * taps), from: allocator)
      ctk_pack(weights, outputs, inputs, Int32(taps), packed.mutable)
      return packed
    }
    precondition(shape.kernel == 3, "Winograd's convolution takes 3x3 weights")
    let packed = try FloatBuffer(count: ctk_packed_count(outputs, shape.inputChannels * side * side), from: allocator)
    let target = packed.mutable, algorithm = shape.algorithm.ctk
    weights.withUnsafeBufferPointer { weights in
      pool.forEach(items: ctk_convolution_blocks(outputs)) { blocks in
        ctk_winograd_pack(
          algorithm, weights.baseAddress, outputs, inputs, target, blocks.lowerBound, blocks.upperBound)
      }
    }
    return packed
  }

  package func convolution(_ problem: ctk_convolution, items: Range<Int>) {
    withUnsafePointer(to: problem) { direct($0, items.lowerBound, items.upperBound) }
  }

  package func winograd(
    _ problem: ctk_convolution, items: Range<Int>, workspace: UnsafeMutablePointer<ctk_winograd_workspace>
  ) {
    withUnsafePointer(to: problem) { transformed($0, items.lowerBound, items.upperBound, workspace) }
  }

  package func groupNorm(_ problem: ctk_group_norm, items: Range<Int>) {
    withUnsafePointer(to: problem) { normalizeGroups($0, items.lowerBound, items.upperBound) }
  }

  package func layerNorm(_ problem: ctk_layer_norm, items: Range<Int>) {
    withUnsafePointer(to: problem) { normalizeLayer($0, items.lowerBound, items.upperBound) }
  }

  package func activation(_ problem: ctk_activation, items: Range<Int>) {
    withUnsafePointer(to: problem) { activate($0, items.lowerBound, items.upperBound) }
  }

  package func resample(_ problem: ctk_resample, items: Range<Int>) {
    withUnsafePointer(to: problem) { resample($0, items.lowerBound, items.upperBound) }
  }

  package func modulation(_ problem: ctk_modulation, items: Range<Int>) {
    withUnsafePointer(to: problem) { modulate($0, items.lowerBound, items.upperBound) }
  }

  package func transposeKeys(_ problem: ctk_attention, items: Range<Int>) {
    withUnsafePointer(to: problem) { transpose($0, items.lowerBound, items.upperBound) }
  }

  package func attention(_ problem: ctk_attention, items: Range<Int>, scores: UnsafeMutablePointer<Float>) {
    withUnsafePointer(to: problem) { attend($0, items.lowerBound, items.upperBound, scores) }
  }
}
