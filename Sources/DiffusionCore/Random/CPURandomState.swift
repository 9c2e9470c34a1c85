import Glibc

/// The state of a CPU generator and the numbers PyTorch draws from it (`CPUGeneratorImpl`,
/// `ATen/native/cpu/DistributionTemplates.h`, `ATen/core/DistributionsHelper.h`).
package struct CPURandomState: Sendable, Equatable {
  /// The engine.
  package var twister: MersenneTwister
  /// The second normal of the last pair that the serial path made; it outlives calls of every other kind.
  package var nextDoubleNormalSample: Double?
  /// PyTorch keeps it in its state and no normal reads it; it is carried along so that states survive a round trip.
  package var nextFloatNormalSample: Float?

  /// Starts from a seed, without a cached sample.
  package init(seed: UInt64) { twister = MersenneTwister(seed: seed) }

  /// Draws standard normals in memory order (`normal_kernel`).
  package mutating func normals<Scalar: TensorScalar>(count: Int, contiguous: Bool) -> [Scalar] {
    guard count >= 16, contiguous else { return serialNormals(count: count) }
    switch Scalar.dtype {
    case .float64:
      return Scalar.rounding(LibmNormalKernel.normals(count: count, drawsTail: true, from: &twister))
    case .float32:
      return Scalar.rounding(CephesNormalKernel.normals(count: count, drawsTail: true, from: &twister))
    case .float16, .bfloat16:
      return Scalar.rounding(CephesNormalKernel.normals(count: count, drawsTail: false, from: &twister))
    }
  }

  /// Draws uniforms of [0, 1) in memory order (`uniform_kernel`).
  package mutating func uniforms<Scalar: TensorScalar>(count: Int) -> [Scalar] {
    let one = Scalar(rounding: 1 as Float)
    return (0..<count).map { _ in
      let value =
        Scalar.dtype == .float64
        ? Scalar(rounding: twister.uniformDouble()) : Scalar(rounding: twister.uniformFloat())
      // Rounding to a short type can reach 1, which PyTorch folds back to the lower bound.
      return value == one ? Scalar(rounding: 0 as Float) : value
    }
  }

  private mutating func serialNormals<Scalar: TensorScalar>(count: Int) -> [Scalar] {
    (0..<count).map { _ in
      let value = serialNormal()
      // PyTorch's short types convert from binary64 through binary32, with two roundings.
      return Scalar.dtype == .float64 ? Scalar(rounding: value) : Scalar(rounding: Float(value))
    }
  }

  /// One normal in binary64 (`normal_distribution<double>`).
  private mutating func serialNormal() -> Double {
    if let sample = nextDoubleNormalSample {
      nextDoubleNormalSample = nil
      return sample
    }
    let angle = 2 * Double.pi * twister.uniformDouble()
    let radius = (-2 * log1p(-twister.uniformDouble())).squareRoot()
    nextDoubleNormalSample = radius * sin(angle)
    return radius * cos(angle)
  }
}
