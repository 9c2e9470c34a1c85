import CTensorKernels
import TensorKernels

/// The sets of kernels of this processor, all of which must equal the oracle.
let kernelSets: [any KernelSet] = [NativeKernels.avx512, NativeKernels.avx2, NativeKernels.portable].compactMap { $0 }

extension KernelSet {
  /// Both halves of an attention, with workspaces of its own.
  func attend(_ problem: ctk_attention) throws {
    var problem = problem
    problem.padded_keys = (problem.keys + 31) / 32 * 32
    let inner = Int(problem.batch * problem.heads * problem.head_dim)
    let keys = try FloatBuffer(count: inner * Int(problem.padded_keys))
    let scores = try FloatBuffer(count: problem.scoreCount)
    problem.transposed_keys = keys.mutable
    withExtendedLifetime((keys, scores)) {
      transposeKeys(problem, items: 0..<problem.transposeItems)
      attention(problem, items: 0..<problem.items, scores: scores.mutable)
    }
  }
}

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
