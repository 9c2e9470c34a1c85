import CGPU
import Synchronization
import TensorKernels

/// A device with memory and kernels of its own, by OpenCL or CUDA. Activations stay there from one operation to the
/// next; operations are launched and return.
package final class GPUBackend: Backend {
  /// Kernels count elements in 32 bits, with some to spare for the last group of threads.
  static let elementLimit = 1 << 31 - 1 << 16
  /// The number of elements of a workspace, above which an operation is launched in parts.
  package static let workspaceLimit = 1 << 25

  private let queue: GPUQueue
  private let pool: GPUMemoryPool
  private let waiting = Mutex<WaitingNorm?>(nil)
  /// The threads that pack weights.
  private let threads: ThreadPool
  /// What is thrown for a fault of the device.
  private let failure: @Sendable (DeviceFault) -> any Error
  /// The largest workspace, in elements.
  let workspaceLimit: Int

  /// Makes a backend on an open device.
  ///
  /// - Parameters:
  ///   - threads: The number of threads that pack weights.
  ///   - workspaceLimit: The largest workspace, in elements.
  ///   - failure: Makes of a fault what is thrown.
  package init(
    _ program: GPUProgram, threads: Int, workspaceLimit: Int = GPUBackend.workspaceLimit,
    failure: @escaping @Sendable (DeviceFault) -> any Error = { $0 }
  ) throws {
    guard let pool = ThreadPool(threads: threads) else {
      throw failure(DeviceFault("the system refuses to start \(threads) threads; ask for fewer"))
    }
    do {
      queue = try GPUQueue(program)
    } catch let fault as DeviceFault {
      throw failure(fault)
    }
    self.threads = pool
    self.pool = GPUMemoryPool(program)
    (self.workspaceLimit, self.failure) = (workspaceLimit, failure)
  }

  /// Turns faults of the device into what callers expect.
  func naming<Result>(_ body: () throws -> Result) throws -> Result {
    do {
      return try body()
    } catch let fault as DeviceFault {
      throw failure(fault)
    }
  }

  /// Launches are what small batches pay for.
  package var joinsProjections: Bool { true }

  /// The number of kernels that were launched.
  package var launches: Int { queue.launches }

  func launch(
    _ kernel: cgpu_kernel, groups: (Int, Int, Int), _ arguments: [GPUArgument], for operation: String
  ) throws {
    try naming {
      try waiting.withLock { waiting in
        try launch(&waiting)
        try queue.launch(kernel, groups: groups, arguments, for: operation)
      }
    }
  }

  /// Puts off a norm until it is known what reads it.
  func putOff(_ norm: WaitingNorm) throws {
    try naming {
      try waiting.withLock { waiting in
        try launch(&waiting)
        waiting = norm
      }
    }
  }

  /// Calls a closure with the norm that was put off, if its output is a map's; whether there was one.
  func joining(_ input: FeatureMap, _ body: (WaitingNorm) throws -> Launch) throws -> Bool {
    try naming {
      try waiting.withLock { waiting in
        guard let norm = waiting, norm.output === own(input.buffer) else { return false }
        waiting = nil
        let launch = try body(norm)
        try queue.launch(launch.kernel, groups: launch.groups, launch.arguments, for: launch.operation)
        return true
      }
    }
  }

  private func launch(_ waiting: inout WaitingNorm?) throws {
    guard let norm = waiting?.launch else { return }
    waiting = nil
    try queue.launch(norm.kernel, groups: norm.groups, norm.arguments, for: norm.operation)
  }

  /// Launches what was put off, before anything else is asked of the device.
  private func settle() throws { try waiting.withLock { try launch(&$0) } }

  func workspace(count: Int) throws -> GPUBuffer { try naming { try pool.buffer(count: count) } }

  package func begin(use: [Int]) { pool.begin(use: use) }

  package func buffer(count: Int) throws -> any DeviceBuffer { try workspace(count: count) }

  package func constant(_ elements: [Float]) throws -> any DeviceBuffer {
    try naming {
      let buffer = try pool.constant(count: elements.count)
      try write(elements, to: buffer)
      return buffer
    }
  }

  /// Packed as the processor's are, which the device reads side by side as well.
  package func packWeights(_ weights: [Float], for shape: ConvolutionShape) throws -> any DeviceBuffer {
    precondition(weights.count == shape.weightCount, "weights do not fit their extents")
    guard let kernels = NativeKernels.portable else { throw failure(DeviceFault("there are no portable kernels")) }
    let packed = try kernels.pack(weights, for: shape, pool: threads, allocator: SystemAllocator())
    return try naming {
      let buffer = try pool.constant(count: packed.count)
      try queue.write(packed.pointer, count: packed.count, to: buffer)
      return withExtendedLifetime(packed) { buffer }
    }
  }

  package func upload(_ elements: [Float], to buffer: any DeviceBuffer) throws {
    precondition(elements.count == buffer.count, "a buffer of \(buffer.count) elements cannot take \(elements.count)")
    try naming {
      try settle()
      try write(elements, to: own(buffer))
    }
  }

  private func write(_ elements: [Float], to buffer: GPUBuffer) throws {
    try elements.withUnsafeBufferPointer { source in
      guard let start = source.baseAddress, !source.isEmpty else { return }
      try queue.write(start, count: source.count, to: buffer)
    }
  }

  package func download(_ buffer: any DeviceBuffer) throws -> [Float] {
    try naming {
      try settle()
      return try queue.read(own(buffer))
    }
  }

  package func finish() throws {
    try naming {
      try settle()
      try queue.finish()
    }
  }
}

/// A launch of a kernel.
struct Launch: Sendable {
  let kernel: cgpu_kernel
  let groups: (Int, Int, Int)
  let arguments: [GPUArgument]
  let operation: String
}

/// A group norm that is launched with the transformation of what reads it, if it is a convolution by Winograd's
/// algorithm, and by itself before anything else.
struct WaitingNorm: Sendable {
  let problem: cgpu_group_norm
  let launch: Launch
  let output: GPUBuffer
}

/// The buffer as this backend's own.
func own(_ buffer: any DeviceBuffer) -> GPUBuffer {
  guard let own = buffer as? GPUBuffer else { preconditionFailure("a buffer of another backend") }
  return own
}

extension GPUArgument {
  static func map(_ map: FeatureMap) -> GPUArgument { .buffer(own(map.buffer)) }
  static func elements(_ buffer: any DeviceBuffer) -> GPUArgument { .buffer(own(buffer)) }
}

extension Int {
  /// The number of parts of a size that cover it.
  func parts(of size: Int) -> Int { (self + size - 1) / size }
}
