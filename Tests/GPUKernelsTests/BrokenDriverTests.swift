import CGPU
import GPUKernels
import OperationChecks
import StubDrivers
import TensorKernels
import Testing

extension StubDriverTests {
  /// Drivers that are missing, incomplete, or fail: one line that names the device and what it was doing, and no crash.
  @Suite("A broken driver") struct BrokenDriverTests {
    private static func driver() throws -> GPUDriver { try StubDriverTests.openCL() }

    private static func isLine(_ message: String) -> Bool {
      !message.isEmpty && !message.contains("\n") && message.count < 400
    }

    @Test("A library that is not there is an error that says what is missing") func missing() {
      for interface in GPUInterface.allCases {
        do {
          _ = try GPUDriver.installed(interface).devices()
        } catch {
          let message = (error as? DeviceFault)?.message ?? "another error: \(error)"
          #expect(Self.isLine(message), "\(message)")
          #expect(message.contains("install ") || message == "no libcuda.so.1 (NVIDIA's driver)", "\(message)")
        }
      }
    }

    @Test("A library that lacks a function is an error that names it", .onDevice) func incomplete() throws {
      defer { stub_opencl_lack(nil) }
      for name in ["clGetPlatformIDs", "clSetKernelArg", "clFinish"] {
        // The name outlives the call.
        name.withCString { pointer in
          stub_opencl_lack(pointer)
          let fault = #expect(throws: DeviceFault.self) { try Self.driver() }
          #expect(fault?.message == "libOpenCL.so.1 cannot be used: the library lacks \(name)")
        }
      }
    }

    /// All that opening a device calls.
    private static func open(_ driver: GPUDriver) throws -> GPUProgram {
      try GPUProgram(driver, index: 0, named: "opencl", cache: nil)
    }

    /// All that computing calls.
    private static func compute(_ program: GPUProgram) throws -> [[UInt32]] {
      let backend = try GPUBackend(program, threads: 1)
      let kinds: [RandomOperation.Kind] = [.winograd2x2, .few, .groupNorm, .attention, .layerNorm, .activation, .scale]
      return try kinds.map { try RandomOperation(kind: $0, seed: 3).run(on: backend) }
    }

    /// Calls that release something, and texts for an error: their failures are of no consequence.
    private static let harmless: Set<String> = [
      "clReleaseContext", "clReleaseProgram", "clReleaseKernel", "clReleaseMemObject", "clReleaseCommandQueue",
      "clReleaseEvent", "clGetProgramBuildInfo", "clGetProgramInfo",
    ]

    private static func expectFailure(at call: Int, code: Int32, _ body: () throws -> Void) {
      stub_opencl_fail(call, code)
      var message: String?, isOutOfMemory = false
      do {
        try body()
      } catch let fault as DeviceFault {
        message = fault.message
      } catch let error as AllocationError {
        (message, isOutOfMemory) = ("out of memory: \(error.byteCount)", true)
      } catch {
        Issue.record("call \(call): \(error)")
      }
      let failed = stub_opencl_failed().map { String(cString: $0) } ?? "nothing"
      let isWant = code == -4 || code == -6
      // Where idle memory may be what is missing, it is released, and the call is made once more.
      guard !harmless.contains(failed), message != nil || !(isWant && failed == "clCreateBuffer") else { return }
      #expect(message.map(isLine) == true, "call \(call), \(failed), went unnoticed or is no line")
      #expect(isWant || message?.contains(failed) == true, "\(failed): \(message ?? "")")
      #expect(!isOutOfMemory || isWant)
    }

    @Test("Each call of opening a device that fails is one line", .onDevice, .inItsOwnProcess) func opening() throws {
      defer { stub_opencl_fail(0, 0) }
      let driver = try Self.driver()
      _ = try Self.open(driver)
      let calls = stub_opencl_calls()
      #expect(calls > 50)
      // Compiling takes time, so every third call, and a different third of them for each code.
      for (offset, code) in [Int32(-5), -6, -36].enumerated() {
        for call in stride(from: 1 + offset, through: Int(calls), by: 3) {
          Self.expectFailure(at: call, code: code) { _ = try Self.open(driver) }
        }
      }
      stub_opencl_fail(0, 0)
      _ = try Self.open(driver)
    }

    @Test(
      "Each call of computing that fails is one line, and the device computes on", .onDevice, .inItsOwnProcess,
      arguments: [-5, -4])
    func computing(code: Int32) throws {
      defer { stub_opencl_fail(0, 0) }
      let program = try Self.open(Self.driver())
      stub_opencl_fail(0, 0)
      let expected = try Self.compute(program), calls = stub_opencl_calls()
      #expect(calls > 100)
      for call in 1...Int(calls) {
        Self.expectFailure(at: call, code: code) { _ = try Self.compute(program) }
      }
      stub_opencl_fail(0, 0)
      #expect(try Self.compute(program) == expected)
    }
  }
}
