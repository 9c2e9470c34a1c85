import TensorKernels

extension Device {
  /// The set of kernels that computes for this device.
  package var kernels: any KernelSet { instructions.kernels ?? ReferenceKernels() }

  /// The instructions it computes with: `avx512`, `avx2`, `portable` or `reference`.
  public var instructionSet: String { kernels.name }
}
