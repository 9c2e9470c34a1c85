/// What the commands that compute say of `--device`.
enum DeviceHelp {
  static let text =
    "Who computes: cpu, cpu:avx512, cpu:avx2, cpu:portable or cpu:reference. cpu has the widest instructions of the processor, or those that the environment variable DIFFUSION_ISA names: avx512, avx2 or portable. The bits are the same."
}
