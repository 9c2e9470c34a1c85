import CGPU
import Synchronization
import TensorKernels

/// An argument of a kernel.
enum GPUArgument {
  case buffer(GPUBuffer)
  case bytes([UInt8])

  /// A value of members of four bytes.
  static func value<Value>(_ value: Value) -> GPUArgument { .bytes(withUnsafeBytes(of: value, Array.init)) }
}

/// Launches of a program's kernels, one after the other. Any thread may call.
///
/// It is `@unchecked Sendable` because the compiler cannot see behind a C handle. The invariant: the queue is used only
/// with `turn` locked, and closed only in `deinit` (OpenCLDeviceTests, "Two models and four runs at once": two
/// threads share each model's queue).
final class GPUQueue: @unchecked Sendable {
  let program: GPUProgram
  private let handle: OpaquePointer
  private let turn = Mutex(())
  private let launchCount = Atomic(0)

  init(_ program: GPUProgram) throws {
    var queue: OpaquePointer?
    let status = cgpu_queue_open(program.handle, &queue)
    guard let queue else { throw DeviceFault("\(program.label): \(status.failure ?? "no queue")") }
    (self.program, handle) = (program, queue)
  }

  deinit { cgpu_queue_close(handle) }

  /// The number of launches so far.
  var launches: Int { launchCount.load(ordering: .relaxed) }

  /// Launches a kernel.
  ///
  /// - Parameters:
  ///   - groups: The number of groups of threads in each dimension; where one is 0, there is nothing to do.
  ///   - operation: What an error names.
  /// - Throws: `AllocationError` where the device has no memory for one of the buffers, ``DeviceFault`` otherwise.
  func launch(
    _ kernel: cgpu_kernel, groups: (Int, Int, Int), _ arguments: [GPUArgument], for operation: String
  ) throws {
    guard groups.0 > 0, groups.1 > 0, groups.2 > 0 else { return }
    launchCount.add(1, ordering: .relaxed)
    var bytes: [UInt8] = []
    let places = arguments.map { argument in
      guard case .bytes(let own) = argument else { return 0..<0 }
      bytes += own
      return bytes.count - own.count..<bytes.count
    }
    let status = bytes.withUnsafeBytes { bytes in
      let values = zip(arguments, places).map { argument, place in
        guard case .buffer(let buffer) = argument else {
          return cgpu_argument(
            memory: nil, bytes: bytes.baseAddress.map { $0 + place.lowerBound }, count: place.count)
        }
        return cgpu_argument(memory: buffer.memory.handle, bytes: nil, count: 0)
      }
      return inTurn {
        cgpu_launch(handle, kernel, [groups.0, groups.1, groups.2], values, Int32(values.count))
      }
    }
    // The device may have put off the allocation of a buffer until it was first used.
    let largest = arguments.map { if case .buffer(let buffer) = $0 { buffer.byteCount } else { 0 } }.max() ?? 0
    guard !status.isOutOfMemory else { throw AllocationError(byteCount: largest, device: program.label) }
    try check(status, operation)
  }

  /// Copies elements to a buffer, from its beginning on.
  func write(_ elements: UnsafePointer<Float>, count: Int, to buffer: GPUBuffer) throws {
    let byteCount = count * MemoryLayout<Float>.stride
    try check(
      inTurn { cgpu_write(handle, buffer.memory.handle, elements, byteCount) },
      "copying \(byteCount) bytes to the device")
  }

  /// Copies a buffer's elements.
  func read(_ buffer: GPUBuffer) throws -> [Float] {
    var status = Outcome(cgpu_status())
    let elements = [Float](unsafeUninitializedCapacity: buffer.count) { elements, count in
      guard let start = elements.baseAddress else { return }
      status = inTurn { cgpu_read(handle, buffer.memory.handle, start, buffer.byteCount) }
      count = status.failure == nil ? buffer.count : 0
    }
    try check(status, "copying \(buffer.byteCount) bytes from the device")
    return elements
  }

  /// Waits until everything is done.
  func finish() throws { try check(inTurn { cgpu_finish(handle) }, "waiting for the device") }

  private func check(_ status: Outcome, _ operation: String) throws {
    guard let failure = status.failure else { return }
    program.forget()
    throw DeviceFault("\(program.label): \(operation): \(failure)")
  }

  /// How a call ended.
  private struct Outcome: Sendable {
    let failure: String?
    let isOutOfMemory: Bool

    init(_ status: cgpu_status) { (failure, isOutOfMemory) = (status.failure, status.is_out_of_memory) }
  }

  private func inTurn(_ body: () -> cgpu_status) -> Outcome { turn.withLock { _ in Outcome(body()) } }
}
