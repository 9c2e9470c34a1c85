/// The state of a CUDA generator and the numbers PyTorch draws from it on a card (`CUDAGeneratorImpl`,
/// `ATen/native/cuda/DistributionTemplates.h`), emulated.
package struct CUDARandomState: Sendable, Equatable {
  /// The Philox key.
  package var seed: UInt64
  /// The number of words that every thread has drawn, a multiple of 4.
  package var offset: UInt64 = 0
  /// The number of multiprocessors of the card.
  package let multiprocessors: Int
  /// The number of threads that one multiprocessor holds.
  package let threadsPerMultiprocessor: Int

  /// Creates a state from a seed.
  package init(seed: UInt64, multiprocessors: Int, threadsPerMultiprocessor: Int) {
    self.seed = seed
    self.multiprocessors = multiprocessors
    self.threadsPerMultiprocessor = threadsPerMultiprocessor
  }

  /// Draws standard normals in memory order; 16-bit types are rounded from binary32.
  package mutating func normals<Scalar: TensorScalar>(count: Int) throws -> [Scalar] {
    if Scalar.dtype == .float64 {
      return Scalar.rounding(try draw(count: count, CurandDistribution.doubleNormals))
    }
    return Scalar.rounding(try draw(count: count, CurandDistribution.normals))
  }

  /// Draws uniforms of [0, 1) in memory order: cuRAND's (0, 1], whose 1 PyTorch turns into 0 after rounding.
  package mutating func uniforms<Scalar: TensorScalar>(count: Int) throws -> [Scalar] {
    let values: [Scalar] =
      Scalar.dtype == .float64
      ? Scalar.rounding(try draw(count: count, CurandDistribution.doubleUniforms))
      : Scalar.rounding(try draw(count: count, CurandDistribution.uniforms))
    let (zero, one) = (Scalar(rounding: 0 as Float), Scalar(rounding: 1 as Float))
    return values.map { $0 == one ? zero : $0 }
  }

  /// Runs the grid-stride loop of `distribution_elementwise_grid_stride_kernel` and advances the offset.
  private mutating func draw<Lanes: SIMD>(
    count: Int, _ transform: (SIMD4<UInt32>) -> Lanes
  ) throws -> [Lanes.Scalar] where Lanes.Scalar: BinaryFloatingPoint {
    guard count > 0 else { return [] }
    let grid = try LaunchGrid(
      count: count, lanes: Lanes.scalarCount, multiprocessors: multiprocessors,
      threadsPerMultiprocessor: threadsPerMultiprocessor)
    let philox = Philox4x32(seed: seed)
    var values = [Lanes.Scalar](repeating: 0, count: count)
    for block in 0..<grid.blocksPerThread {
      let start = block * grid.threads * Lanes.scalarCount
      let counter = offset / 4 &+ UInt64(block)
      for thread in 0..<min(grid.threads, count - start) {
        let lanes = transform(philox.words(block: counter, thread: UInt64(thread)))
        var (index, lane) = (start + thread, 0)
        while index < count, lane < Lanes.scalarCount {
          values[index] = lanes[lane]
          index += grid.threads
          lane += 1
        }
      }
    }
    offset &+= 4 * UInt64(grid.blocksPerThread)
    return values
  }
}

extension CUDARandomState {
  /// The size of a state in bytes: the seed and the offset.
  package static let byteCount = 16

  /// Restores a state as `torch.Generator.get_state` writes it; 8 bytes are a seed alone, as in PyTorch.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the length is neither, or the offset is not a multiple of 4.
  package mutating func restore(bytes: [UInt8]) throws {
    guard bytes.count == Self.byteCount || bytes.count == 8 else {
      throw DiffusionError(
        .badData,
        "generator state has \(bytes.count) bytes, expected \(Self.byteCount) for a cuda generator; "
          + "pass what getState() of a cuda generator returned")
    }
    var reader = StateReader(bytes: bytes)
    let seed = reader.read(UInt64.self)
    let offset = reader.read(UInt64.self)
    guard offset % 4 == 0 else {
      throw DiffusionError(
        .badData, "generator state has offset \(offset), expected a multiple of 4; pass what getState() returned")
    }
    self.seed = seed
    self.offset = offset
  }

  /// The state in the bytes of `torch.Generator.get_state`, little endian.
  package var bytes: [UInt8] {
    var writer = StateWriter(capacity: Self.byteCount)
    writer.write(seed)
    writer.write(offset)
    return writer.bytes
  }
}
