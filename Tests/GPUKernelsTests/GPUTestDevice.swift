import Foundation
import GPUKernels
import TensorKernels
import Testing

/// The OpenCL device that tests run on: the first GPU, or the processor by a driver such as PoCL.
enum GPUTestDevice {
  /// The drivers of this machine, or why there are none.
  static let driver = Result { try GPUDriver.installed(.opencl) }
  static let devices = Result { try driver.get().devices() }
  /// Whether there is a device; tests say why not where they are skipped.
  static let isThere = (try? devices.get().isEmpty) == false
  static let comment: Comment = "no OpenCL device: install pocl-opencl-icd to run this test"

  /// A backend on the device, whose program is shared.
  static func backend(threads: Int = 2, workspaceLimit: Int = GPUBackend.workspaceLimit) throws -> GPUBackend {
    let program = try GPUProgram.shared(.opencl, index: 0, named: "opencl", cache: nil)
    return try GPUBackend(program, threads: threads, workspaceLimit: workspaceLimit)
  }

  /// How many random operations of each kind are tried; `GPU_TRIALS` sets it.
  static let trials = ProcessInfo.processInfo.environment["GPU_TRIALS"].flatMap(Int.init) ?? 16

  /// How many group norms are tried besides; `GPU_NORMS` sets it.
  static let norms = ProcessInfo.processInfo.environment["GPU_NORMS"].flatMap(UInt64.init) ?? 0

  /// Whether calls of the driver are made to fail. PoCL 3.1 now and then aborts the process in a count of its own where
  /// work is left unfinished (`pocl_release_dlhandle_cache`), so these tests have a process of their own.
  static let failsCalls = ["GPU_FAULTS", "GPU_TRIALS"].contains { ProcessInfo.processInfo.environment[$0] != nil }
}

extension Trait where Self == ConditionTrait {
  /// Only where there is an OpenCL device.
  static var onDevice: Self { .enabled(if: GPUTestDevice.isThere, GPUTestDevice.comment) }

  /// Only in a process that may be aborted by the driver.
  static var inItsOwnProcess: Self {
    .enabled(if: GPUTestDevice.failsCalls, "set GPU_FAULTS=1 to make calls of the driver fail, as .ci/run does")
  }
}
