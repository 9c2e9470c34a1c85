import DiffusionCore
import TensorKernels
import TestSupport
import Testing

/// A device with memory of its own needs only a backend and an entry in the registry: models run on it unchanged.
@Suite struct RemoteDeviceTests {
  private func remote() throws -> RemoteBackend { try #require(RemoteBackend()) }

  /// An entry of the registry.
  private func entry(_ backend: RemoteBackend, named name: String = "remote") -> DeviceEntry {
    DeviceEntry(
      name: name, numbered: { [self] in entry(backend, named: "remote:\($0)") }, instructionSet: { _ in "remote" }
    ) { _, _ in backend }
  }

  private func unet(_ fixture: UNetFixture, on backend: RemoteBackend) throws -> UNet2DModel {
    try fixture.unet.on(Device(entry(backend)), threads: 1)
  }

  @Test(arguments: UNetFixture.names)
  func wholeModelsGiveTheSameBits(name: String) throws {
    let fixture = try UNetFixture(name), backend = try remote(), unet = try unet(fixture, on: backend)
    let constants = backend.bufferCount
    for item in fixture.cases {
      let expected = try fixture.unet(item.input)
      #expect(sameBits(try unet(item.input), expected), "\(item.name)")
      #expect(backend.waitingCount == 0)
      #expect(backend.bufferCount == constants)
    }
  }

  @Test func imagesInABatchGiveTheSameBits() throws {
    let fixture = try UNetFixture("four-levels"), unet = try unet(fixture, on: remote())
    let batch = try Tensor.batch(fixture.cases.map(\.sample))
    #expect(sameBits(try unet(batch, timestep: 300), try fixture.unet(batch, timestep: 300)))
  }

  @Test func layersAreShownAndTimed() throws {
    let fixture = try UNetFixture("two-levels"), unet = try unet(fixture, on: remote())
    let item = try #require(fixture.cases.first)
    var sample = item.sample.scalars
    sample[5] = 3e38
    let tensor = try Tensor(shape: item.sample.shape, scalars: sample)
    let found = try #require(try unet.firstNonFiniteLayer(sample: tensor, timestep: 1))
    #expect(try fixture.unet.firstNonFiniteLayer(sample: tensor, timestep: 1) == found)
    let profiler = LayerProfiler(clock: TickingClock()), own = LayerProfiler(clock: TickingClock())
    _ = try unet.predict(ModelInput(sample: item.sample, timestep: 1), profiler: profiler, progress: nil)
    _ = try fixture.unet.predict(ModelInput(sample: item.sample, timestep: 1), profiler: own, progress: nil)
    #expect(!profiler.timings.isEmpty)
    #expect(profiler.timings == own.timings)
  }

  @Test func errorsOfTheDeviceArePropagated() throws {
    let fixture = try UNetFixture("two-levels"), backend = try remote(), unet = try unet(fixture, on: backend)
    let item = try #require(fixture.cases.first)
    backend.fail()
    #expect(throws: RemoteBackend.Fault()) { try unet(item.input) }
    backend.fail()
    #expect(throws: RemoteBackend.Fault()) {
      try unet.predict(
        ModelInput(sample: item.sample, timestep: 1), profiler: LayerProfiler(clock: TickingClock()), progress: nil)
    }
    let expected = try fixture.unet(item.input)
    #expect(sameBits(try unet(item.input), expected))
  }

  @Test func namesNeedOnlyAnEntryInTheRegistry() throws {
    let entries = DeviceEntry.all + [entry(try remote())]
    let device = try Device(parsing: "remote", environment: [:], available: InstructionSet.available, entries: entries)
    #expect(device.description == "remote")
    #expect(device.instructionSet == "remote")
    #expect(device != .cpu)
    let second = try Device(parsing: "remote:1", environment: [:], available: [.portable], entries: entries)
    #expect(second.description == "remote:1")
    #expect(second != device)
    for name in ["remote:", "remote:-1", "remote:+1", "remote:01", "remote:x", "remote:1:2", "remote: 1"] {
      let error = #expect(throws: DiffusionError.self) {
        try Device(parsing: name, environment: [:], available: [.portable], entries: entries)
      }
      #expect(error?.kind == .usage, "\(name)")
    }
    let error = try #require(throws: DiffusionError.self) {
      try Device(parsing: "remotely", environment: [:], available: [.portable], entries: entries)
    }
    let names = (Device.labels + ["remote"]).joined(separator: ", ")
    #expect(
      error.message == "device 'remotely' is unknown: did you mean remote? expected one of \(names)")
  }
}
