import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The networks beside the UNets and the autoencoders, whole pipelines, and every scheduler: minutes of a processor
/// where the device is one, so that they run with `make gpu` alone.
@Suite(
  "Networks and schedulers, by OpenCL", .onOpenCL,
  .enabled(if: ProcessInfo.processInfo.environment["GPU_TRIALS"] != nil, "make gpu runs them"))
struct OpenCLNetworkTests {
  private static func device() throws -> Device { try Device(parsing: "opencl") }

  @Test(arguments: PriorFixture.names) func priors(name: String) throws {
    let fixture = try PriorFixture(name), own = try PriorFixture(name, device: Self.device())
    for item in fixture.cases {
      #expect(sameBits(try own.prior(item.input), try fixture.prior(item.input)), "\(item.name)")
    }
  }

  @Test(arguments: CLIPTextFixture.names) func textEncoders(name: String) throws {
    let fixture = try CLIPTextFixture(name), own = try CLIPTextFixture(name, device: Self.device())
    for count in fixture.counts {
      let tokens = try fixture.tokens(count)
      #expect(try own.model(tokens) == fixture.model(tokens), "\(count) tokens")
    }
  }

  @Test func textProjection() throws {
    let folder = "\(Fixtures.folder)/unclip/text-proj", file = try TensorFile("unclip/text-proj/cases.safetensors")
    func project(_ device: Device) throws -> ModelInput.Conditioning {
      let model = try UnCLIPTextProjModel(
        config: UnCLIPTextProjModelConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json"))),
        parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"), device: device, threads: 2
      )
      let text = ModelInput.Conditioning(
        encoderHiddenStates: try file.floats("states").images(2..<4),
        textEmbeds: try file.floats("embeds").images(2..<4))
      return try model(file.floats("image"), text: text)
    }
    #expect(try project(Self.device()) == project(.cpu))
  }

  /// The end of a run on a device, and its images.
  private func finished(
    _ pipeline: (Device) throws -> DiffusionPipeline, _ settings: RunSettings, on device: Device
  ) throws -> [Tensor<Float>] {
    var settings = settings
    settings.device = device
    var run = try pipeline(device).run(settings)
    while !run.isFinished { _ = try run.step() }
    return [run.sample, try run.images(of: run.sample)]
  }

  private func expectSameBits(
    _ settings: RunSettings, _ what: String, _ pipeline: (Device) throws -> DiffusionPipeline
  ) throws {
    let own = try finished(pipeline, settings, on: Self.device()), expected = try finished(pipeline, settings, on: .cpu)
    for (own, expected) in zip(own, expected) { #expect(sameBits(own, expected), "\(what)") }
  }

  @Test("unCLIP: a prior, a decoder and a super-resolution") func unCLIP() throws {
    let settings = RunSettings(
      seeds: [4], steps: 2, threads: 2, prompts: ["red heart"], priorSteps: 2, superResSteps: 2)
    try expectSameBits(settings, "unCLIP") { device in
      try DiffusionPipeline.load(
        ModelSource(resolving: "\(UnCLIPRun.folder)/small", environment: [:]), device: device, threads: 2)
    }
  }

  @Test("LDM, whose autoencoder has a codebook", arguments: ["ddim", "ddpm", "pndm", "euler"])
  func latentDiffusion(folder: String) throws {
    try expectSameBits(RunSettings(seeds: [2], steps: 5, threads: 2), folder) { device in
      try DiffusionPipeline.fromPretrained("\(LatentDiffusionTests.folder)/\(folder)", device: device, threads: 2)
    }
  }

  @Test("DiT, of a class") func diffusionTransformer() throws {
    for model in Set(DiTRun.all.map(\.model)) {
      var settings = RunSettings(seeds: [2], steps: 2, threads: 2)
      (settings.classLabels, settings.guidanceScale) = ([.number(1)], 1)
      try expectSameBits(settings, model) { device in
        try DiffusionPipeline.fromPretrained("\(DiTRun.folder)/\(model)", device: device, threads: 2)
      }
    }
  }

  // The demo model predicts v, which UnCLIPScheduler does not read; unCLIP has it.
  @Test("Every scheduler", arguments: SchedulerClass.all.map(\.shortName).filter { $0 != "unclip" })
  func schedulers(name: String) throws {
    var settings = RunSettings(seeds: [2], steps: 5, threads: 2)
    settings.scheduler = name
    try expectSameBits(settings, name) { device in
      try DiffusionPipeline.load(DemoModel.source, device: device, threads: 2)
    }
  }
}
