import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The demonstration of sums in another order: what it does, and that it is named as a demonstration.
@Suite struct ReassociatedDeviceTests {
  private static func device() throws -> Device { try Device(parsing: "cpu:reassociated") }

  @Test(arguments: UNetFixture.names)
  func everyNumberOfThreadsHasBitsOfItsOwn(name: String) throws {
    let engine = try UNetFixture(name), device = try Self.device()
    let item = try #require(engine.cases.first)
    let expected = try engine.unet(item.input)
    var found = [ContentHash.sha256(expected)]
    for threads in [2, 3, 5] {
      let unet = try engine.unet.on(device, threads: threads)
      let output = try unet(item.input)
      #expect(sameBits(try unet(item.input), output), "the same number repeats")
      let again = try UNetFixture(name, device: device, threads: threads)
      #expect(sameBits(try again.unet(item.input), output), "and so does another start")
      let largest = try TensorComparison(reference: expected, other: output).maximumAbsoluteDifference
      #expect(largest < 1e-4, "\(threads) threads")
      found.append(ContentHash.sha256(output))
    }
    #expect(Set(found).count == found.count)
  }

  @Test func onePartIsTheOrderOfTheContract() throws {
    let engine = try UNetFixture("four-levels"), unet = try engine.unet.on(Self.device(), threads: 1)
    for item in engine.cases {
      let expected = try engine.unet(item.input)
      #expect(sameBits(try unet(item.input), expected))
    }
  }

  @Test func anImageIsTheSameInABatch() throws {
    let fixture = try UNetFixture("odd-channels", device: Self.device(), threads: 3)
    let images = try Tensor.batch(fixture.cases.map(\.sample))
    let together = try fixture.unet(images, timestep: 500)
    for index in 0..<images.shape[0] {
      let alone = try fixture.unet(images.images(index..<index + 1), timestep: 500)
      #expect(sameBits(try together.images(index..<index + 1), alone))
    }
  }

  @Test func theDifferenceIsSmallAtFirstAndGrows() throws {
    func samples(_ device: Device, threads: Int) throws -> [Tensor<Float>] {
      let pipeline = try DDIMPipeline.load(DemoModel.source, device: device, threads: threads)
      var run = try pipeline.run(RunSettings(seeds: [0], steps: 8, device: device, threads: threads))
      return try (0..<8).map { _ in try run.step(progress: nil).prevSample }
    }
    let one = try samples(Self.device(), threads: 2), other = try samples(Self.device(), threads: 3)
    let largest = try zip(one, other).map {
      try TensorComparison(reference: $0, other: $1).maximumAbsoluteDifference
    }
    #expect(largest[0] > 0 && largest[0] < 1e-6)
    #expect(largest[7] > 4 * largest[0] && largest[7] < 1e-4, "\(largest)")
    #expect(zip(try samples(.cpu, threads: 2), try samples(.cpu, threads: 3)).allSatisfy { sameBits($0, $1) })
  }

  @Test func itIsNamedAsADemonstration() throws {
    let device = try Self.device()
    #expect(device.label == "cpu:reassociated (demonstration)")
    #expect(device.demonstration == "sums in another order for each number of threads, as other runtimes do")
    #expect(Device.cpu.demonstration == nil && Device.cpu.label == "cpu")
    #expect(!Device.available.contains(device), "those give the same bits")
    let error = #expect(throws: DiffusionError.self) { try Device(parsing: "tpu") }
    #expect(error?.message.hasSuffix("cpu:reference, cpu:reassociated (demonstration), opencl, cuda") == true)
    var request = RunRequest(settings: RunSettings(threads: 1))
    let refused = #expect(throws: DiffusionError.self) {
      try Setting.device.assign(.text("tpu"), to: &request, limits: .unlimited)
    }
    #expect(refused?.message.contains("cpu:reassociated (demonstration)") == true)
    try Setting.device.assign(.text("cpu:reassociated"), to: &request, limits: .unlimited)
    #expect(Setting.device.title(of: request) == device.label)
  }

  @Test func aReceiptSaysSo() throws {
    let settings = RunSettings(device: try Self.device(), threads: 3)
    let computer = ReceiptComputer(settings, programVersion: "1")
    #expect(computer.demonstration == settings.device.demonstration)
    #expect(ReceiptComputer(RunSettings(threads: 3), programVersion: "1").demonstration == nil)
    var scene = ReceiptScene()
    (scene.settings.device, scene.settings.threads) = (settings.device, settings.threads)
    let receipt = try Receipt(json: scene.receipt().json(), source: "r.json")
    #expect(receipt.computedBy.demonstration == settings.device.demonstration)
    #expect(try receipt.changedSections().isEmpty)
    let notes = receipt.demonstrationNotes(device: .cpu, threads: 2)
    #expect(notes.count == 1)
    #expect(notes.first?.contains("made by cpu:reassociated, a demonstration outside of the numerics contract") == true)
    #expect(notes.first?.hasSuffix("--device cpu:reassociated --threads 3 repeats it") == true)
    #expect(receipt.demonstrationNotes(device: settings.device, threads: 1).count == 2)
  }

  @Test func aReceiptOfABranchSaysSo() throws {
    let changes: [String: SettingValue] = ["device": .text("cpu:reassociated"), "threads": .integer(3)]
    let other = RunBranch(step: 2, changes: ["device": .text("cpu"), "threads": .integer(2), "eta": .integer(1)])
    let settings = RunSettings(threads: 3, branches: [RunBranch(step: 1, changes: changes), other])
    #expect(settings.demonstration == (try Self.device().demonstration))
    #expect(ReceiptComputer(settings, programVersion: "1").demonstration == settings.demonstration)
    let kept = ReceiptSettings(settings).runSettings.branches
    #expect(kept == [RunBranch(step: 1, changes: changes), RunBranch(step: 2, changes: ["eta": .integer(1)])])
    let decoded = try JSONDecoder().decode(
      ReceiptSettings.self, from: JSONEncoder().encode(ReceiptSettings(settings)))
    #expect(decoded == ReceiptSettings(settings))
  }
}
