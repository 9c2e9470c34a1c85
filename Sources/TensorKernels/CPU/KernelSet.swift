import CTensorKernels

/// A set of kernels for the processor. Every set computes every element by the same operations in the same order, and
/// so gives the same bits.
///
/// Each function processes a range of a problem's work items, so that threads can share it; their number depends on the
/// problem alone. Pointers in a problem must be valid for the extents it names (see `CTensorKernels.h`).
package protocol KernelSet: Sendable {
  /// Its name: `avx512`, `avx2`, `portable`, `reference`.
  var name: String { get }
  /// Packs weights in the layout of this set's convolution.
  ///
  /// - Parameters:
  ///   - weights: `[outputChannels][inputChannels][kernel][kernel]`; Winograd's algorithms need 3x3 and transform them.
  ///   - pool: The threads that share the work.
  /// - Throws: ``AllocationError`` if there is no memory for them.
  func pack(
    _ weights: [Float], for shape: ConvolutionShape, pool: ThreadPool, allocator: any BufferAllocator
  ) throws -> FloatBuffer
  /// Direct convolution, or a linear layer as one with a kernel of 1.
  func convolution(_ problem: ctk_convolution, items: Range<Int>)
  /// Winograd's convolution.
  ///
  /// - Parameter workspace: The thread's own, kept from one range of the problem's items to the next.
  func winograd(
    _ problem: ctk_convolution, items: Range<Int>, workspace: UnsafeMutablePointer<ctk_winograd_workspace>)
  /// Group normalisation with scale and shift by the time embedding and SiLU.
  func groupNorm(_ problem: ctk_group_norm, items: Range<Int>)
  /// Layer normalisation over the channels of each pixel.
  func layerNorm(_ problem: ctk_layer_norm, items: Range<Int>)
  /// An activation function of each element.
  func activation(_ problem: ctk_activation, items: Range<Int>)
  /// A change of each image's size to twice or half of it.
  func resample(_ problem: ctk_resample, items: Range<Int>)
  /// Scale and shift, or a gate and a residual, of each element.
  func modulation(_ problem: ctk_modulation, items: Range<Int>)
  /// The first half of an attention: keys with the pixel varying fastest.
  func transposeKeys(_ problem: ctk_attention, items: Range<Int>)
  /// The second half: softmax(query key^T scale) value.
  ///
  /// - Parameter scores: The thread's own workspace.
  func attention(_ problem: ctk_attention, items: Range<Int>, scores: UnsafeMutablePointer<Float>)
}

extension ConvolutionAlgorithm {
  /// The algorithm in the kernels' terms.
  package var ctk: ctk_algorithm {
    switch self {
    case .direct: ctk_direct
    case .winograd2x2: ctk_winograd_2x2
    case .winograd4x4: ctk_winograd_4x4
    }
  }
}

extension ctk_convolution {
  /// The number of work items of direct convolution.
  package var items: Int { withUnsafePointer(to: self) { ctk_convolution_items($0) } }
  /// The number of work items of Winograd's convolution.
  package var winogradItems: Int { withUnsafePointer(to: self) { ctk_winograd_items($0) } }
  /// The number of its tiles.
  package var winogradTiles: Int { withUnsafePointer(to: self) { ctk_winograd_tiles($0) } }
  /// The number of tiles of a slab, which a thread transforms at once.
  package var winogradTilesOfSlab: Int { withUnsafePointer(to: self) { ctk_winograd_slab($0) } }
  /// The number of elements of a transformed slab.
  package var winogradSlabCount: Int { withUnsafePointer(to: self) { ctk_winograd_slab_count($0) } }
}

extension ctk_group_norm {
  /// The number of work items.
  package var items: Int { withUnsafePointer(to: self) { ctk_group_norm_items($0) } }
}

extension Activation {
  /// The function in the kernels' terms.
  package var ctk: ctk_function {
    switch self {
    case .silu: ctk_silu
    case .gelu: ctk_gelu
    case .quickGELU: ctk_quick_gelu
    case .mish: ctk_mish
    case .relu: ctk_relu
    case .tanhGELU: ctk_tanh_gelu
    }
  }
}

extension Resampling.Kind {
  /// The kind in the kernels' terms.
  package var ctk: ctk_resampling {
    switch self {
    case .nearest: ctk_nearest
    case .average: ctk_average
    case .filterUp: ctk_filter_up
    case .filterDown: ctk_filter_down
    }
  }
}

extension ctk_resample {
  /// The number of work items.
  package var items: Int { withUnsafePointer(to: self) { ctk_resample_items($0) } }
}

extension ctk_layer_norm {
  /// The number of work items.
  package var items: Int { withUnsafePointer(to: self) { ctk_layer_norm_items($0) } }
}

extension ctk_activation {
  /// The number of work items.
  package var items: Int { withUnsafePointer(to: self) { ctk_activation_items($0) } }
}

extension ctk_modulation {
  /// The number of work items.
  package var items: Int { withUnsafePointer(to: self) { ctk_modulation_items($0) } }
}

extension ctk_attention {
  /// The number of work items of its second half.
  package var items: Int { withUnsafePointer(to: self) { ctk_attention_items($0) } }
  /// The number of elements of a thread's workspace.
  package var scoreCount: Int { withUnsafePointer(to: self) { ctk_attention_score_count($0) } }
  /// The number of work items of its first half.
  package var transposeItems: Int { withUnsafePointer(to: self) { ctk_transpose_items($0) } }
}
