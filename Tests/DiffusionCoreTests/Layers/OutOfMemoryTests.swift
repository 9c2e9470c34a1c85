import DiffusionCore
import TensorKernels
import TestSupport
import Testing

/// A device without enough memory for a layer's output.
@Suite struct OutOfMemoryTests {
  /// The processor with a limited amount of memory.
  private func device(_ allocator: LimitedAllocator) throws -> Device {
    let kernels = try #require(NativeKernels.portable)
    return Device(
      DeviceEntry(name: "small", instructionSet: { _ in "portable" }) { _, threads in
        try #require(CPUBackend(kernels: kernels, threads: threads, allocator: allocator))
      })
  }

  private func check(_ error: DiffusionError?, names part: String) {
    #expect(error?.kind == .unavailable)
    #expect(error?.message.hasPrefix("\(part): out of memory: the device has no ") == true, "\(error?.message ?? "")")
    #expect(error?.message.contains("\n") == false)
  }

  /// Releases the memory kept for a sample, by running one of another size.
  private func forget(_ unet: UNet2DModel) throws {
    let (channels, side) = (unet.config.inChannels, unet.config.sizeMultiple)
    let zeros = [Float](repeating: 0, count: channels * side * side)
    _ = try unet(Tensor(shape: [1, channels, side, side], scalars: zeros), timestep: 0)
  }

  @Test(arguments: ["two-levels", "four-levels", "scale-shift"])
  func isAnErrorThatNamesTheLayer(name: String) throws {
    let fixture = try UNetFixture(name), allocator = LimitedAllocator()
    let item = try #require(fixture.cases.first), (height, width) = (item.sample.shape[2], item.sample.shape[3])
    let unet = try fixture.unet.on(device(allocator), threads: 2), weights = allocator.bytesInUse
    let expected = try unet(item.sample, timestep: item.timestep), most = allocator.bytesInUse
    #expect(sameBits(expected, try fixture.unet(item.sample, timestep: item.timestep)))
    let layers = Set(try unet.describe(height: height, width: width).layers.map(\.name) + ["sample"])
    var named: Set<String> = []
    for limit in stride(from: weights, to: most, by: max(1, (most - weights) / 40)) {
      allocator.limit = .max
      try forget(unet)
      allocator.limit = limit
      do {
        // Less memory than was used is enough if idle buffers of the pool are released in time.
        #expect(sameBits(try unet(item.sample, timestep: item.timestep), expected))
      } catch let error as DiffusionError {
        let layer = String(error.message.prefix { $0 != ":" })
        check(error, names: layer)
        #expect(layers.contains(layer), "\(layer)")
        named.insert(layer)
      }
    }
    #expect(named.count > 3, "\(named)")
    allocator.limit = .max
    #expect(sameBits(try unet(item.sample, timestep: item.timestep), expected))
  }

  @Test func isAnErrorForAModelThatDoesNotFit() throws {
    let fixture = try UNetFixture("two-levels"), allocator = LimitedAllocator(limit: 1000)
    let error = #expect(throws: DiffusionError.self) { try fixture.unet.on(device(allocator), threads: 1) }
    check(error, names: "conv_in")
    #expect(allocator.bytesInUse == 0)
  }

  @Test func isAnErrorForASampleTooLargeForAnInteger() throws {
    let context = try ComputeContext(device: .cpu, threads: 1)
    let error = #expect(throws: DiffusionError.self) {
      try context.output(of: "conv_in", batch: .max, height: 1 << 20, width: 1 << 20, channels: 64)
    }
    check(error, names: "conv_in")
  }
}
