/// The state of a generator of either kind.
enum RandomState: Sendable {
  case cpu(CPURandomState)
  case cuda(CUDARandomState)

  /// Creates a state from a seed.
  init(device: Generator.Device, seed: UInt64) {
    switch device {
    case .cpu:
      self = .cpu(CPURandomState(seed: seed))
    case .cuda(let multiprocessors, let threads):
      self = .cuda(
        CUDARandomState(seed: seed, multiprocessors: multiprocessors, threadsPerMultiprocessor: threads))
    }
  }

  /// The 64-bit seed that it started from.
  var seed: UInt64 {
    switch self {
    case .cpu(let state): state.twister.seed
    case .cuda(let state): state.seed
    }
  }

  /// The state in PyTorch's bytes.
  var bytes: [UInt8] {
    switch self {
    case .cpu(let state): state.bytes
    case .cuda(let state): state.bytes
    }
  }

  /// Restores a state in PyTorch's bytes; an error leaves it unchanged.
  mutating func restore(bytes: [UInt8]) throws {
    switch self {
    case .cpu:
      self = .cpu(try CPURandomState(bytes: bytes))
    case .cuda(var state):
      try state.restore(bytes: bytes)
      self = .cuda(state)
    }
  }

  /// Draws standard normals in memory order; only the CPU depends on whether that is row-major.
  mutating func normals<Scalar: TensorScalar>(count: Int, contiguous: Bool) throws -> [Scalar] {
    switch self {
    case .cpu(var state):
      defer { self = .cpu(state) }
      return state.normals(count: count, contiguous: contiguous)
    case .cuda(var state):
      defer { self = .cuda(state) }
      return try state.normals(count: count)
    }
  }

  /// Draws uniforms of [0, 1) in memory order.
  mutating func uniforms<Scalar: TensorScalar>(count: Int) throws -> [Scalar] {
    switch self {
    case .cpu(var state):
      defer { self = .cpu(state) }
      return state.uniforms(count: count)
    case .cuda(var state):
      defer { self = .cuda(state) }
      return try state.uniforms(count: count)
    }
  }
}

/// Reads a generator's state, little endian, from the front. The caller has checked the length; past the end are zeros.
struct StateReader {
  private let bytes: [UInt8]
  private var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func read<Value: FixedWidthInteger>(_ type: Value.Type) -> Value {
    let size = Value.bitWidth / 8
    let taken = bytes.dropFirst(position).prefix(size)
    position += size
    return taken.reversed().reduce(0) { Value(truncatingIfNeeded: UInt64(truncatingIfNeeded: $0) << 8 | UInt64($1)) }
  }

  mutating func skip(_ count: Int) { position += count }
}

/// Writes a generator's state, little endian.
struct StateWriter {
  private(set) var bytes: [UInt8] = []

  init(capacity: Int) { bytes.reserveCapacity(capacity) }

  mutating func write<Value: FixedWidthInteger>(_ value: Value) {
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }
}
