/// What a set of kernels is compiled for, the widest first.
package enum InstructionSet: String, Sendable, CaseIterable {
  case avx512, avx2, portable, reference

  /// Those that this processor can run, the widest first.
  package static let available = allCases.filter { $0.kernels != nil }

  /// The kernels; nil where the processor lacks the instructions.
  package var kernels: (any KernelSet)? {
    switch self {
    case .avx512: NativeKernels.avx512
    case .avx2: NativeKernels.avx2
    case .portable: NativeKernels.portable
    case .reference: ReferenceKernels()
    }
  }

  /// What a processor must have to run it.
  package var requirement: String {
    switch self {
    case .avx512: "AVX-512 (F, VL, DQ and BW)"
    case .avx2: "AVX2 and FMA"
    case .portable, .reference: "nothing"
    }
  }
}
