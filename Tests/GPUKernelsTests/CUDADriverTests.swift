import CGPU
import GPUKernels
import OperationChecks
import StubDrivers
import TensorKernels
import Testing

extension StubDriverTests {
  /// CUDA's side without a card: a stub of its driver takes the calls, checks them, and computes by OpenCL. It shows
  /// that the right calls are made with the arguments that the PTX declares; what a card makes of the PTX it cannot
  /// show.
  @Suite("CUDA's driver, by a stub", .onDevice) struct CUDADriverTests {
    private static func driver() throws -> GPUDriver {
      var message = [CChar](repeating: 0, count: 256)
      stub_cuda_fail(nil, 0)
      stub_cuda_devices(2)
      return try GPUDriver(.cuda, find: stub_cuda_find, context: cgpu_open_library("libOpenCL.so.1", &message))
    }

    @Test("Devices have names, memory and the driver's version") func devices() throws {
      let devices = try Self.driver().devices()
      #expect(devices.map(\.name) == ["Stub 40", "Stub 41"])
      #expect(devices.map(\.byteCount) == [40 << 30, 41 << 30])
      #expect(devices.allSatisfy { $0.multiprocessors == 48 && $0.threadsPerMultiprocessor == 1536 })
      #expect(devices.allSatisfy { $0.isGPU && $0.driverVersion == "12.4" && $0.platform == "CUDA" && $0.lacks == nil })
      stub_cuda_devices(0)
      defer { stub_cuda_devices(2) }
      let fault = #expect(throws: DeviceFault.self) { try Self.driver0().devices() }
      #expect(fault?.message == "libcuda.so.1 finds no device; install NVIDIA's driver")
    }

    private static func driver0() throws -> GPUDriver {
      let driver = try driver()
      stub_cuda_devices(0)
      return driver
    }

    @Test("Every operation, with the bits of the reference", arguments: RandomOperation.Kind.allCases)
    func operations(kind: RandomOperation.Kind) throws {
      let program = try GPUProgram(Self.driver(), index: 1, named: "cuda:1", cache: nil)
      let backend = try GPUBackend(program, threads: 1, workspaceLimit: 5000)
      let oracle = try #require(CPUBackend(kernels: ReferenceKernels(), threads: 1))
      for seed in 0..<UInt64(4) {
        let operation = RandomOperation(kind: kind, seed: seed)
        #expect(try operation.run(on: backend) == operation.run(on: oracle), "\(operation)")
      }
    }

    @Test(
      "A call that fails is one line",
      arguments: [
        "cuInit", "cuDeviceGetCount", "cuDeviceGet", "cuDeviceGetName", "cuDeviceTotalMem_v2", "cuDeviceGetAttribute",
        "cuDriverGetVersion", "cuDevicePrimaryCtxRetain", "cuCtxSetCurrent", "cuModuleLoadDataEx",
        "cuModuleGetFunction",
        "cuStreamCreate", "cuEventCreate", "cuMemAlloc_v2", "cuMemcpyHtoDAsync_v2", "cuMemcpyDtoHAsync_v2",
        "cuLaunchKernel", "cuStreamSynchronize", "cuEventRecord", "cuEventSynchronize",
      ])
    func failures(name: String) throws {
      defer { stub_cuda_fail(nil, 0) }
      let driver = try Self.driver()
      try name.withCString { pointer in
        stub_cuda_fail(pointer, 700)
        do {
          let program = try GPUProgram(driver, index: 0, named: "cuda", cache: nil)
          let backend = try GPUBackend(program, threads: 1)
          for _ in 0..<8 { _ = try RandomOperation(kind: .attention, seed: 1).run(on: backend) }
          Issue.record("\(name) went unnoticed")
        } catch let fault as DeviceFault {
          let function = name.replacing("_v2", with: "")
          // Such a fault of a kernel leaves CUDA of no use to the process, and the line says so.
          let line = "\(function) failed with 700: the device can be used again once the program is restarted"
          #expect(fault.message.hasSuffix(line), "\(fault.message)")
          #expect(!fault.message.contains("\n"))
        }
      }
    }

    @Test("Want of memory is an error of its own, with the device's name") func memory() throws {
      let backend = try GPUBackend(GPUProgram(Self.driver(), index: 0, named: "cuda", cache: nil), threads: 1)
      "cuMemAlloc_v2".withCString { pointer in
        defer { stub_cuda_fail(nil, 0) }
        stub_cuda_fail(pointer, 2)
        #expect(throws: AllocationError(byteCount: 4000, device: "cuda (Stub 40)")) {
          try backend.buffer(count: 1000)
        }
      }
      #expect(throws: AllocationError(byteCount: 1 << 33, device: "cuda (Stub 40)")) {
        try backend.buffer(count: 1 << 31)
      }
      #expect(throws: AllocationError(byteCount: .max, device: "cuda (Stub 40)")) {
        try backend.buffer(count: .max)
      }
    }

    @Test("A fault that may pass asks for no restart") func passing() throws {
      let program = try GPUProgram(Self.driver(), index: 0, named: "cuda", cache: nil)
      let backend = try GPUBackend(program, threads: 1)
      "cuLaunchKernel".withCString { pointer in
        defer { stub_cuda_fail(nil, 0) }
        // CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES.
        stub_cuda_fail(pointer, 701)
        let fault = #expect(throws: DeviceFault.self) { try RandomOperation(kind: .sum, seed: 1).run(on: backend) }
        #expect(fault?.message.hasSuffix("cuLaunchKernel failed with 701") == true, "\(fault?.message ?? "")")
      }
    }

    @Test("A thread's context is set where it is another program's, and for no launch besides") func contexts() throws {
      let driver = try Self.driver()
      let backends = try (0..<2).map { index in
        try GPUBackend(GPUProgram(driver, index: index, named: "cuda", cache: nil), threads: 1)
      }
      let operation = RandomOperation(kind: .attention, seed: 3), expected = try operation.run(on: backends[0])
      func times(_ order: [Int]) throws -> Int {
        let before = stub_cuda_contexts()
        for index in order { #expect(try operation.run(on: backends[index]) == expected) }
        return stub_cuda_contexts() - before
      }
      #expect(try times([0, 0, 0, 0]) == 0)
      #expect(try times([1, 1, 0, 0, 1]) == 3)
    }
  }
}
