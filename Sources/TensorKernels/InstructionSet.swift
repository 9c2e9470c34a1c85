/// The instruction sets that kernels are compiled for, widest first.
package enum InstructionSet: String, Sendable, CaseIterable {
  case avx512, avx2, portable, reference

  /// The instruction sets of this processor, widest first.
  package static let available = allCases.filter { $0.kernels != nil }

  /// The kernels; nil if the processor lacks the instructions.
  package var kernels: (any KernelSet)? {
    switch self {
    case .avx512: NativeKernels.avx512
    case .avx2: NativeKernels.avx2
    case .portable: NativeKernels.portable
    case .reference: ReferenceKernels()
    }
  }

  /// The processor features that it requires.
  package var requirement: String {
    switch self {
    case .avx512: "AVX-512 (F, VL, DQ and BW)"
    case .avx2: "AVX2 and FMA"
    case .portable, .reference: "nothing"
    }
  }
}
