import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The networks beside the UNets and the autoencoders, whole pipelines, and every scheduler: a minute or two of a
/// processor where the device is one.
@Suite("Networks and schedulers, by OpenCL", .onOpenCL, .atLength) struct OpenCLNetworkTests {
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

  @Test(arguments: CLIPVisionFixture.names) func imageEncoders(name: String) throws {
    let images = try CLIPVisionFixture.cases(name).floats("images")
    let own = try CLIPVisionFixture.model(name, device: Self.device()), expected = try CLIPVisionFixture.model(name)
    #expect(sameBits(try own(images), try expected(images)))
    let last = try images.images(2..<3)
    #expect(sameBits(try own(last), try expected(last)))
  }

  @Test("The first layer that is not finite", arguments: ["mid_block.attentions.0.to_k", "conv_norm_out", "conv_in"])
  func nonFiniteLayers(layer: String) throws {
    let unet = try AlteredModel.pipeline("two-levels", filling: "\(layer).weight", with: 3e38).unet
    let sample = try Generator().manualSeed(0).randn([2, 3, 8, 8])
    let expected = try #require(try unet.firstNonFiniteLayer(sample: sample, timestep: 500))
    #expect(try unet.on(Self.device(), threads: 1).firstNonFiniteLayer(sample: sample, timestep: 500) == expected)
    #expect(layer == expected.name || expected.name == "mid_block.attentions.0.to_qkv")
  }

  /// The end of a run on a device, and its images.
  private func finished(
    _ pipeline: (Device) throws -> DiffusionPipeline, _ settings: RunSettings, from start: RunStart, on device: Device
  ) throws -> [Tensor<Float>] {
    var settings = settings
    settings.device = device
    var run = try pipeline(device).run(settings, from: start)
    while !run.isFinished { _ = try run.step() }
    return [run.sample, try run.images(of: run.sample)]
  }

  private func expectSameBits(
    _ settings: RunSettings, _ what: String, from start: RunStart = .noise,
    _ pipeline: (Device) throws -> DiffusionPipeline
  ) throws {
    let own = try finished(pipeline, settings, from: start, on: Self.device())
    let expected = try finished(pipeline, settings, from: start, on: .cpu)
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

  @Test("Variations of a picture: an image encoder, a decoder and a super-resolution") func variations() throws {
    let settings = RunSettings(
      seeds: [4], steps: 2, threads: 2, initImage: PictureReference("wide"), superResSteps: 2)
    try expectSameBits(settings, "variations", from: .picture(UnCLIPVariationPictures.open("wide"))) { device in
      try DiffusionPipeline.load(
        ModelSource(resolving: "\(UnCLIPVariationRun.folder)/model", environment: [:]), device: device, threads: 2)
    }
  }

  @Test("Stable Diffusion XL, alone and with its refiner", arguments: [false, true])
  func stableDiffusionXL(isRefined: Bool) throws {
    var settings = RunSettings(seeds: [4], steps: 3, threads: 2, prompts: ["red heart"], guidanceScale: 3)
    if isRefined { (settings.steps, settings.refiner, settings.denoisingEnd) = (4, SDXLRun.refiner, 0.5) }
    try expectSameBits(settings, "SDXL") { device in try SDXLRun.pipeline(for: settings, device: device) }
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
