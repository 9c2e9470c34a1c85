import TensorKernels

/// The sets that this processor can run, all of which must equal the oracle.
let kernelSets: [any KernelSet] = [NativeKernels.avx512, NativeKernels.avx2, NativeKernels.portable].compactMap { $0 }

/// The elements as bits, so that -0 differs from 0 and NaN equals itself.
func bits(_ buffer: FloatBuffer) -> [UInt32] { buffer.elements.map(\.bitPattern) }
