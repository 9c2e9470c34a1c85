import TensorKernels

extension Device {
  /// The set of kernels that computes for this device.
  package var kernels: any KernelSet {
    let widest = NativeKernels.avx512 ?? NativeKernels.avx2 ?? NativeKernels.portable
    guard kind == .cpu, let widest else { return ReferenceKernels() }
    return widest
  }

  /// The instructions it computes with: `avx512`, `avx2`, `portable` or `reference`.
  public var instructionSet: String { kernels.name }
}
