import TensorKernels

/// The sets of kernels of this processor, all of which must equal the oracle.
let kernelSets: [any KernelSet] = [NativeKernels.avx512, NativeKernels.avx2, NativeKernels.portable].compactMap { $0 }

/// The elements as bits, so that -0 differs from 0 and NaN equals itself.
func bits(_ buffer: FloatBuffer) -> [UInt32] { buffer.elements.map(\.bitPattern) }

/// Values that processors and compilers tend to treat specially.
let awkwardValues: [Float] = [.nan, -.nan, .infinity, -.infinity, -0, .leastNonzeroMagnitude, -0x1.8p-130, 0x1.8p127]

extension [Float] {
  /// The elements with a value in a few places; unchanged if it is nil.
  func with(_ value: Float?) -> [Float] {
    var elements = self
    if let value { for place in [0.3, 0.5, 0.7] { elements[Int(place * Double(count))] = value } }
    return elements
  }
}
