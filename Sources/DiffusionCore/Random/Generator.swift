/// A pseudorandom number generator with a state that calls advance, as `torch.Generator`.
///
/// It is a reference type on purpose: a generator that is passed to two pipelines in turn continues in the second
/// where the first left off. It is not `Sendable`; keep it on one task or actor.
public final class Generator {
  /// The device that the generator belongs to, or emulates.
  public enum Device: Sendable, Hashable {
    /// MT19937 and PyTorch's CPU normals, equal to its AVX2 path bit for bit.
    case cpu
    /// Philox4x32-10 and PyTorch's CUDA normals. The grid depends on the card: its multiprocessors (1 to 65,535; an
    /// H100 SXM has 132) and the threads of each (256 to 65,536).
    case cuda(multiprocessors: Int = 132, threadsPerMultiprocessor: Int = 2048)
  }

  /// PyTorch's `default_rng_seed_val`.
  private static let defaultSeed: UInt64 = 67_280_421_310_721

  /// The device that the generator belongs to, or emulates.
  public let device: Device
  fileprivate var state: RandomState

  /// Creates a generator with PyTorch's default seed, 67280421310721.
  public init(device: Device = .cpu) {
    self.device = device
    state = RandomState(device: device, seed: Self.defaultSeed)
  }

  /// Restarts from a seed, and returns itself (`torch.Generator.manual_seed`).
  ///
  /// A CPU generator uses the seed's low 32 bits alone, a CUDA generator all 64.
  @discardableResult
  public func manualSeed(_ seed: Seed) -> Generator {
    state = RandomState(device: device, seed: seed.bits)
    return self
  }

  /// Restarts from a seed that the system draws, and returns the seed (`torch.Generator.seed`).
  @discardableResult
  public func seed() -> Seed {
    var source = SystemRandomNumberGenerator()
    return seed(using: &source)
  }

  /// Restarts from a seed that a source draws, and returns the seed: 64 bits for the CPU, 53 for CUDA, as in PyTorch
  /// (`c10::detail::getNonDeterministicRandom`).
  @discardableResult
  public func seed(using source: inout some RandomNumberGenerator) -> Seed {
    let bits: UInt64 = source.next()
    let seed = Seed(device == .cpu ? bits : bits & 0x1F_FFFF_FFFF_FFFF)
    manualSeed(seed)
    return seed
  }

  /// The seed that the generator last started from, 0 to 2^64-1 (`torch.Generator.initial_seed`): -1 reads as 2^64-1.
  public var initialSeed: Seed { Seed(state.seed) }

  /// The state in PyTorch's own bytes, little endian (`torch.Generator.get_state`): 5,056 for the CPU, 16 for CUDA.
  public func getState() -> [UInt8] { state.bytes }

  /// Restores a state that ``getState()`` or PyTorch wrote (`torch.Generator.set_state`).
  ///
  /// - Throws: ``DiffusionError`` (`badData`) if the length or a field is wrong; the generator is then unchanged.
  public func setState(_ bytes: [UInt8]) throws { try state.restore(bytes: bytes) }

  /// Draws standard normals (`torch.randn`; with a memory format, `torch.empty(shape, memory_format=...).normal_()`).
  ///
  /// - Parameters:
  ///   - shape: Extents, all >= 0; at most 2^31-1 bytes in all.
  ///   - type: The element type, which determines how the numbers are drawn.
  ///   - memoryFormat: The order in which numbers are assigned to elements. The returned tensor is always row-major.
  /// - Throws: ``DiffusionError`` (`usage`) for a shape or a card that is not possible.
  public func randn<Scalar: TensorScalar>(
    _ shape: [Int], as type: Scalar.Type = Float.self, memoryFormat: MemoryFormat = .contiguous
  ) throws -> Tensor<Scalar> {
    let noise = try NoiseShape(shape, format: memoryFormat, size: MemoryLayout<Scalar>.size)
    let scalars: [Scalar] = try state.normals(count: noise.count, contiguous: noise.isContiguous)
    return Tensor(unchecked: shape, noise.rowMajor(scalars))
  }

  /// Draws uniforms of [0, 1) (`torch.rand`).
  ///
  /// - Parameters:
  ///   - shape: Extents, all >= 0; at most 2^31-1 bytes in all.
  ///   - type: The element type, which determines how the numbers are drawn.
  ///   - memoryFormat: The order in which numbers are assigned to elements. The returned tensor is always row-major.
  /// - Throws: ``DiffusionError`` (`usage`) for a shape or a card that is not possible.
  public func rand<Scalar: TensorScalar>(
    _ shape: [Int], as type: Scalar.Type = Float.self, memoryFormat: MemoryFormat = .contiguous
  ) throws -> Tensor<Scalar> {
    let noise = try NoiseShape(shape, format: memoryFormat, size: MemoryLayout<Scalar>.size)
    let scalars: [Scalar] = try state.uniforms(count: noise.count)
    return Tensor(unchecked: shape, noise.rowMajor(scalars))
  }
}

extension Generator {
  /// Draws a seed, as `torch.randint(0, 2**63 - 1, [])` does on the CPU; nil for CUDA.
  package func seedOfNoise() -> UInt64? {
    guard case .cpu(var cpu) = state else { return nil }
    defer { state = .cpu(cpu) }
    return cpu.integer(below: UInt64(Int64.max))
  }

  /// The state of a generator, to restore later.
  package struct Snapshot: Sendable {
    fileprivate let state: RandomState
  }

  /// The current state.
  package var snapshot: Snapshot { Snapshot(state: state) }

  /// Restores a snapshot.
  package func restore(_ snapshot: Snapshot) { state = snapshot.state }
}
