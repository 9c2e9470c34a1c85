import DemoModel
import DiffusionCore
import Foundation
import GPUKernels
import Glibc
import Synchronization
import TestSupport
import Testing

extension Trait where Self == ConditionTrait {
  /// Only where there is an OpenCL device: a GPU, or the processor by a driver such as PoCL.
  static var onOpenCL: Self {
    .enabled(if: Device.installed.contains { $0.description == "opencl" }, "no OpenCL device: install pocl-opencl-icd")
  }

  /// Only where a minute or two may be spent on what is compared with the processor.
  static var atLength: Self {
    .enabled(
      if: ["GPU_NETWORKS", "GPU_TRIALS"].contains { ProcessInfo.processInfo.environment[$0] != nil },
      "set GPU_NETWORKS=1 to run every network by OpenCL, as .ci/run and make gpu do")
  }
}

/// Whole models on a device with memory and kernels of its own: the bits of the processor.
@Suite("A GPU's bits, by OpenCL", .onOpenCL) struct OpenCLDeviceTests {
  /// How many restarts are tried behind the first hundred; `GPU_RESTARTS` sets it.
  static let restarts = ProcessInfo.processInfo.environment["GPU_RESTARTS"].flatMap(Int.init) ?? 100

  private static func device() throws -> Device { try Device(parsing: "opencl") }

  /// The device's own name.
  private static func name() throws -> String {
    try #require(GPUDriver.installed(.opencl).devices().first).name
  }

  @Test(arguments: UNetFixture.names) func unets(name: String) throws {
    let fixture = try UNetFixture(name), unet = try fixture.unet.on(Self.device(), threads: 2)
    #expect(unet.device.description == "opencl")
    for item in fixture.cases {
      #expect(sameBits(try unet(item.input), try fixture.unet(item.input)), "\(item.name)")
    }
  }

  @Test func itsStartIsReported() throws {
    var stages: [OpeningProgress.Stage] = []
    _ = try UNetFixture("one-level").unet.on(Self.device(), threads: 1) { stages.append($0.stage) }
    #expect(stages.first == .starting("opencl") && stages.dropFirst().allSatisfy { $0 == .reading(.float32) })
  }

  @Test(arguments: UNetConditionFixture.names) func conditionalUNets(name: String) throws {
    let fixture = try UNetConditionFixture(name), own = try UNetConditionFixture(name, device: Self.device())
    for (item, other) in zip(fixture.cases, own.cases) {
      #expect(sameBits(try own.unet(other.input), try fixture.unet(item.input)), "\(item.name)")
    }
  }

  @Test(arguments: DiTFixture.names) func transformers(name: String) throws {
    let fixture = try DiTFixture(name), own = try DiTFixture(name, device: Self.device())
    for (item, other) in zip(fixture.cases, own.cases) {
      #expect(sameBits(try own.model(other.input), try fixture.model(item.input)), "\(item.name)")
    }
  }

  @Test(arguments: AutoencoderKLFixture.names) func autoencoders(name: String) throws {
    let fixture = try AutoencoderKLFixture(name), own = try AutoencoderKLFixture(name, device: Self.device())
    for item in fixture.cases {
      #expect(sameBits(try own.model.decode(item.latents), try fixture.model.decode(item.latents)), "\(item.name)")
      #expect(sameBits(try own.model.encode(item.image).mean, try fixture.model.encode(item.image).mean))
    }
  }

  @Test(arguments: VQModelFixture.names) func quantizers(name: String) throws {
    let fixture = try VQModelFixture(name), own = try VQModelFixture(name, device: Self.device())
    for item in fixture.cases {
      #expect(sameBits(try own.model.decode(item.latents), try fixture.model.decode(item.latents)), "\(item.name)")
      #expect(sameBits(try own.model.encode(item.image), try fixture.model.encode(item.image)), "\(item.name)")
    }
  }

  @Test(arguments: [(DemoModel.name, [String]()), (DemoModel.promptName, ["a red heart"])])
  func demoModels(name: String, prompts: [String]) throws {
    func finished(_ device: Device) throws -> (sample: Tensor<Float>, images: Tensor<Float>) {
      let pipeline = try DiffusionPipeline.load(DemoModel.source(named: name), device: device, threads: 2)
      var settings = RunSettings(seeds: [4], steps: 2, device: device, threads: 2)
      if !prompts.isEmpty { (settings.prompts, settings.guidanceScale) = (prompts, 2) }
      var run = try pipeline.run(settings)
      while !run.isFinished { _ = try run.step() }
      return (run.sample, try run.images(of: run.sample))
    }
    let (own, expected) = (try finished(Self.device()), try finished(.cpu))
    #expect(sameBits(own.sample, expected.sample))
    #expect(sameBits(own.images, expected.images))
  }

  @Test("An image is the same in a batch, on every number of packing threads") func batches() throws {
    let fixture = try UNetFixture("four-levels")
    let images = try Tensor.batch(fixture.cases.map(\.sample)), expected = try fixture.unet(images, timestep: 500)
    for threads in [1, 3] {
      let unet = try fixture.unet.on(Self.device(), threads: threads)
      #expect(sameBits(try unet(images, timestep: 500), expected))
      for index in 0..<images.shape[0] {
        let alone = try unet(images.images(index..<index + 1), timestep: 500)
        #expect(sameBits(alone, try expected.images(index..<index + 1)))
      }
    }
  }

  @Test("A pass that is stopped leaves the device as it was") func cancelling() throws {
    let fixture = try UNetFixture("two-levels"), unet = try fixture.unet.on(Self.device(), threads: 1)
    let item = try #require(fixture.cases.first), expected = try fixture.unet(item.input)
    for last in 0..<8 {
      var stopped = false
      do {
        _ = try unet.predict(item.input) { progress in
          if progress.completed == last { throw CancellationError() }
        }
      } catch is CancellationError {
        stopped = true
      }
      #expect(stopped)
      #expect(sameBits(try unet(item.input), expected))
    }
  }

  @Test("Two models and four runs at once") func atOnce() async throws {
    /// The hashes of the samples behind each step.
    @Sendable func hashes(_ pipeline: DiffusionPipeline, seed: Seed, on device: Device) throws -> [String] {
      var run = try pipeline.run(RunSettings(seeds: [seed], steps: 6, eta: 0.5, device: device, threads: 1))
      var hashes: [String] = []
      while !run.isFinished { hashes.append(ContentHash.sha256(try run.step().prevSample)) }
      return hashes
    }
    func pipelines(_ device: Device) throws -> [DiffusionPipeline] {
      try ["two-levels", "three-levels"].map { name in
        try DiffusionPipeline(unet: UNetFixture(name).unet.on(device, threads: 1), scheduler: DDIMScheduler())
      }
    }
    let device = try Self.device(), models = try pipelines(device), processor = try pipelines(.cpu)
    let found = try await withThrowingTaskGroup(of: (Int, [String]).self) { group in
      for worker in 0..<4 {
        group.addTask {
          try await onOwnThread { (worker, try hashes(models[worker % 2], seed: Seed(worker), on: device)) }
        }
      }
      return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
    }
    for worker in 0..<4 {
      let expected = try hashes(processor[worker % 2], seed: Seed(worker), on: .cpu)
      #expect(found[worker] == expected && Set(expected).count == 6, "run \(worker)")
    }
  }

  // In a process of their own: what other tests take would hide what these starts do.
  @Test("Many starts take no more memory than a few") func restarts() async {
    await #expect(processExitsWith: .success) {
      let fixture = try UNetFixture("two-levels"), device = try OpenCLDeviceTests.device()
      let item = try #require(fixture.cases.first), expected = try fixture.unet(item.input)
      func start() throws { #expect(sameBits(try fixture.unet.on(device, threads: 1)(item.input), expected)) }
      for _ in 0..<100 { try start() }
      let before = try #require(ResidentMemory.kibibytes(of: getpid()))
      for _ in 0..<OpenCLDeviceTests.restarts { try start() }
      let after = try #require(ResidentMemory.kibibytes(of: getpid()))
      #expect(after - before < 20_000, "\(before) KiB, then \(after) KiB")
    }
  }

  @Test("Tensors that kernels cannot count are refused in one line, and so is what does not fit") func tooLarge() throws
  {
    let context = try ComputeContext(device: Self.device(), threads: 1)
    let error = #expect(throws: DiffusionError.self) {
      try context.output(of: "conv_in", batch: 1, height: 1 << 16, width: 1 << 14, channels: 2)
    }
    #expect(error?.kind == .unavailable)
    let line = "conv_in: out of memory: opencl (\(try Self.name())) has no 8589934592 bytes for it; take a smaller "
    #expect(error?.message.hasPrefix(line) == true, "\(error?.message ?? "")")
  }

  @Test("It is named with its hardware") func hardware() throws {
    let device = try Self.device(), hardware = try #require(device.hardware)
    #expect(hardware.contains(", driver ") && hardware.contains("B, "))
    #expect(hardware.hasPrefix(device.instructionSet))
    try device.prove()
    #expect(Setting.device.choices.starts(with: Device.available.map(\.description)))
    #expect(Setting.device.choices.contains("opencl"))
    let receipt = ReceiptComputer(RunSettings(device: device, threads: 1), programVersion: "1")
    #expect(receipt.device == "opencl" && receipt.isa == device.instructionSet)
  }
}
