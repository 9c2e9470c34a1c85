import Glibc

/// The state of a CPU generator and the numbers PyTorch draws from it (`CPUGeneratorImpl`,
/// `ATen/native/cpu/DistributionTemplates.h`, `ATen/core/DistributionsHelper.h`).
package struct CPURandomState: Sendable, Equatable {
  /// The engine.
  package var twister: MersenneTwister
  /// The second normal of the last pair from the serial path; calls of any other kind leave it.
  package var nextDoubleNormalSample: Double?
  /// Part of PyTorch's state, but read by no normal; it is kept so that states survive a round trip.
  package var nextFloatNormalSample: Float?

  /// Creates a state from a seed, without a cached sample.
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
      // Rounding to a 16-bit type can reach 1, which PyTorch maps to the lower bound.
      return value == one ? Scalar(rounding: 0 as Float) : value
    }
  }

  /// Draws a whole number from 0 up to a bound beyond 2^32 (`random_from_to_kernel`).
  package mutating func integer(below bound: UInt64) -> UInt64 { twister.next64() % bound }

  private mutating func serialNormals<Scalar: TensorScalar>(count: Int) -> [Scalar] {
    (0..<count).map { _ in
      let value = serialNormal()
      // PyTorch's 16-bit types convert from binary64 through binary32, with two roundings.
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

extension CPURandomState {
  /// The size of a state in bytes (`CPUGeneratorImplState`).
  package static let byteCount = 5056

  /// Decodes a state as `torch.Generator.get_state` writes it.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the length is not ``byteCount`` or the engine's fields are out of
  ///   range.
  package init(bytes: [UInt8]) throws {
    guard bytes.count == Self.byteCount else {
      throw DiffusionError(
        .badData,
        "generator state has \(bytes.count) bytes, expected \(Self.byteCount) for a cpu generator; "
          + "pass what getState() of a cpu generator returned")
    }
    var reader = StateReader(bytes: bytes)
    let seed = reader.read(UInt64.self)
    let left = reader.read(Int32.self)
    let seeded = reader.read(Int32.self)
    // PyTorch truncates these words from the 64 bits that an older layout gave them.
    let position = UInt32(truncatingIfNeeded: reader.read(UInt64.self))
    let words = (0..<MersenneTwister.wordCount).map { _ in UInt32(truncatingIfNeeded: reader.read(UInt64.self)) }
    guard seeded != 0,
      let twister = MersenneTwister(seed: seed, left: Int(left), position: Int(position), words: words)
    else {
      throw DiffusionError(
        .badData,
        "generator state is not a valid mt19937 state (seeded \(seeded), left \(left), next \(position)): "
          + "expected seeded 1, "
          + "left 1 to 624 and next + left at most 625; pass what getState() returned")
    }
    self.twister = twister
    reader.skip(8)
    let sample = Double(bitPattern: reader.read(UInt64.self))
    reader.skip(8)
    nextDoubleNormalSample = reader.read(Int32.self) != 0 ? sample : nil
    reader.skip(4)
    let floatSample = Float(bitPattern: reader.read(UInt32.self))
    nextFloatNormalSample = reader.read(UInt8.self) != 0 ? floatSample : nil
  }

  /// The state in the bytes of `torch.Generator.get_state`, little endian; padding and absent samples are zero.
  package var bytes: [UInt8] {
    var writer = StateWriter(capacity: Self.byteCount)
    writer.write(twister.seed)
    writer.write(Int32(twister.left))
    writer.write(1 as Int32)
    writer.write(UInt64(twister.position))
    for word in twister.words { writer.write(UInt64(word)) }
    writer.write(0 as UInt64)
    writer.write((nextDoubleNormalSample ?? 0).bitPattern)
    writer.write(0 as UInt64)
    writer.write((nextDoubleNormalSample == nil ? 0 : 1) as UInt64)
    writer.write((nextFloatNormalSample ?? 0).bitPattern)
    writer.write((nextFloatNormalSample == nil ? 0 : 1) as UInt32)
    return writer.bytes
  }
}
