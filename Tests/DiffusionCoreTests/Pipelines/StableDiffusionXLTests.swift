import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("Stable Diffusion XL") struct StableDiffusionXLTests {
  private static let short = RunSettings(seeds: [4], steps: 3, threads: 2, prompts: ["red heart"], guidanceScale: 3)

  private func difference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return largestDifference(found, expected) / Double(expected.scalars.reduce(0) { max($0, abs($1)) })
  }

  @Test("its UNet is told of a text as a whole and of sizes as Diffusers' is") func unet() throws {
    let folder = "\(SDXLRun.folder)/unet", cases = try TensorFile("sdxl/unet/cases.safetensors")
    let config = try UNet2DConditionModelConfig(json: FileAccess.read("\(folder)/config.json"))
    func model(_ device: Device, threads: Int) throws -> UNet2DConditionModel {
      try UNet2DConditionModel(
        config: config, parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"),
        device: device, threads: threads)
    }
    let input = ModelInput(
      sample: try cases.floats("sample"), timestep: Float(try cases.int("timestep")),
      conditioning: ModelInput.Conditioning(
        encoderHiddenStates: try cases.floats("states"), textEmbeds: try cases.floats("embeds"),
        timeIDs: try cases.floats("ids")))
    let found = try model(.cpu, threads: 2)(input), own = difference(found, try cases.floats("output"))
    #expect(own < 2e-5)
    print("measured: UNet2DConditionModel of SDXL: \(own) (limit 2e-5)")
    for device in UNetBitsTests.devices { #expect(sameBits(try model(device, threads: 3)(input), found), "\(device)") }
    #expect(try model(.cpu, threads: 1)(input.firstImage).scalars == Array(found.scalars.prefix(found.count / 3)))
    for change in [
      { $0.textEmbeds = nil }, { $0.timeIDs = nil },
      { $0.timeIDs = Tensor(unchecked: [3, 5], Array(repeating: 1, count: 15)) },
    ] as [(inout ModelInput.Conditioning) -> Void] {
      var wrong = input
      change(&wrong.conditioning)
      #expect(throws: DiffusionError.self) { try model(.cpu, threads: 1)(wrong) }
    }
  }

  @Test(
    "gives Diffusers' latents and images, and leaves its generators where Diffusers does",
    arguments: SDXLRun.all.indices)
  func conformance(index: Int) throws {
    let item = SDXLRun.all[index], expected = try SDXLRun.expected(index)
    let generators = (item.seeds ?? [0]).map { Generator().manualSeed(Seed($0)) }
    let pipeline = try SDXLRun.pipeline(item.model ?? "base", for: item.settings)
    let settings = try pipeline.model.resolved(item.settings.resolved())
    let size = try #require(expected.last).shape[1]
    var run = try pipeline.start(
      settings, noise: NoiseSource(generators, device: .cpu), from: item.start(size))
    let turn = run.stages.last?.steps.lowerBound ?? 0
    var found: [Tensor<Float>] = []
    while !run.isFinished {
      let step = try run.step()
      if step.index == turn - 1 { found.append(step.prevSample) }
    }
    found += [run.sample, try run.images(of: run.sample)]
    let differences = zip(found, expected).map { difference($0, $1) }
    #expect(differences.allSatisfy { $0 <= 1e-4 } && found.count == expected.count, "\(item): \(differences)")
    #expect(generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } } == item.states)
    print("measured: sdxl \(item.testDescription): \(differences) (limit 1e-4)")
  }

  @Test("a base and its refiner are one timeline in two parts") func chain() throws {
    var settings = Self.short
    (settings.steps, settings.refiner) = (10, SDXLRun.refiner)
    let pipeline = try SDXLRun.pipeline(for: settings)
    var run = try pipeline.run(settings)
    let stages = run.stages.map { StageSteps(name: $0.name, steps: $0.steps, sampleShape: $0.sampleShape) }
    #expect(
      stages == [
        StageSteps(name: "base", steps: 0..<8, sampleShape: [4, 8, 8]),
        StageSteps(name: "refiner", steps: 8..<10, sampleShape: [4, 8, 8]),
      ])
    #expect(
      run.schedule.map(\.timestep)
        == (try SDXLRun.pipeline().run(
          RunSettings(steps: 10, threads: 2, prompts: ["cat"]))).schedule.map(\.timestep))
    var samples: [Tensor<Float>] = []
    while !run.isFinished { samples.append(try run.step().prevSample) }
    var base = settings
    base.refiner = nil
    var alone = try pipeline.run(base)
    for index in 0..<8 { #expect(try alone.step().prevSample == samples[index]) }
    #expect(try alone.step().prevSample != samples[8])
  }

  @Test("devices and threads give the same bits, alone, in batches and shared passes") func bits() throws {
    var chain = Self.short
    (chain.steps, chain.refiner, chain.denoisingEnd) = (4, SDXLRun.refiner, 0.5)
    func sample(_ settings: RunSettings, _ device: Device, threads: Int) throws -> Tensor<Float> {
      var settings = settings
      (settings.device, settings.threads) = (device, threads)
      var run = try SDXLRun.pipeline(for: settings, device: device, threads: threads).run(settings)
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    for settings in [Self.short, chain] {
      let expected = try sample(settings, .cpuReference, threads: 1)
      for device in Device.available where device != .cpuReference {
        #expect(try sample(settings, device, threads: 3) == expected, "\(device)")
      }
      var both = settings
      (both.seeds, both.batchSize, both.prompts) = ([3, 4], 2, ["cat", "red heart"])
      #expect(Array(try sample(both, .cpu, threads: 2).scalars.suffix(expected.count)) == expected.scalars)
      both.selection.image = 2
      #expect(try sample(both, .cpu, threads: 2) == expected)
    }
  }

  @Test("an empty negative prompt is zeros where the model says so") func zeros() throws {
    let base = try SDXLRun.pipeline().model, refiner = try SDXLRun.pipeline("refiner").model
    let zero = try base.conditioning(of: base.resolved(Self.short.resolved()))
    let unconditional = try #require(zero.guidance?.unconditional)
    #expect(unconditional.textEmbeds?.scalars.allSatisfy { $0 == 0 } == true)
    #expect(unconditional.encoderHiddenStates?.scalars.allSatisfy { $0 == 0 } == true)
    #expect(zero.prompts.map(\.prompt) == ["red heart"])
    let own = try refiner.conditioning(of: refiner.resolved(Self.short.resolved()))
    #expect(own.guidance?.unconditional.textEmbeds?.scalars.contains { $0 != 0 } == true)
    #expect(own.guidance?.unconditional.timeIDs?.scalars == [16, 16, 0, 0, 2.5])
    #expect(own.conditional.timeIDs?.scalars == [16, 16, 0, 0, 6])
  }

  @Test("refuses in one line what it has no use for") func refusals() throws {
    func message(
      _ model: String = "base", _ change: (inout RunSettings) -> Void
    ) throws -> String {
      var settings = Self.short
      change(&settings)
      let error = try #require(throws: DiffusionError.self) {
        try SDXLRun.pipeline(model, for: settings).run(settings)
      }
      #expect(!error.message.contains("\n"))
      return error.message
    }
    #expect(try message { $0.sizes.aestheticScore = 5 }.hasPrefix("aesthetic_score: the model reads no score"))
    #expect(
      try message { $0.sizes.negativeOriginal = .init(1, 1) }
        .hasPrefix("negative_original_size and negative_target_size count together alone"))
    #expect(
      try message { ($0.initImage, $0.sizes.negativeCrops) = (PictureReference("source.png"), .init(1, 1)) }
        .hasPrefix("negative_crops_coords_top_left: a run from a picture has one crop for both predictions"))
    #expect(try message { $0.denoisingEnd = 0.5 }.hasPrefix("denoising_end: there is no refiner"))
    #expect(try message { $0.priorSteps = 3 }.hasPrefix("prior_steps: the model has one stage"))
    #expect(
      try message {
        ($0.refiner, $0.initImage, $0.invert) = (SDXLRun.refiner, PictureReference("source.png"), true)
      }.hasPrefix("invert: a run with a refiner"))
    #expect(
      try message { ($0.refiner, $0.denoisingEnd) = (SDXLRun.refiner, 1) }
        .hasPrefix("denoising_end is 1: expected more than 0 and less than 1"))
    #expect(
      try message { ($0.refiner, $0.denoisingEnd) = (SDXLRun.refiner, 0.01) }.hasPrefix("denoising_end 0.01 leaves"))
    #expect(
      try message {
        $0.refiner = ModelReference("\(StableDiffusionFixture.folder)/sd2")
      }.contains("is no refiner: expected"))
    var settings = Self.short
    settings.refiner = SDXLRun.refiner
    let error = try #require(throws: DiffusionError.self) { try SDXLRun.pipeline().run(settings) }
    #expect(error.message.hasSuffix("this run was given no such model"))
    (settings.refiner, settings.sizes.original) = (nil, .init(1, 1))
    let other = try DiffusionPipeline.fromPretrained("\(StableDiffusionFixture.folder)/sd2", threads: 2)
    #expect(
      try #require(throws: DiffusionError.self) { try other.run(settings) }.message
        == "original_size: the model reads no such thing: it is for Stable Diffusion XL")
  }

  @Test("names its networks and files, with those of a refiner") func networks() throws {
    func names(_ model: String) throws -> [String] {
      try SDXLRun.pipeline(model).model.networks(of: RunSettings(threads: 1)).map(\.component)
    }
    #expect(try names("base") == ["unet", "text_encoder", "text_encoder_2", "vae"])
    #expect(try names("refiner") == ["unet", "text_encoder_2", "vae"])
    #expect(try SDXLRun.pipeline().warnings.isEmpty)
    #expect(
      try SDXLRun.pipeline("refiner").model.exampleInput(of: RunSettings(batchSize: 2, threads: 1)).conditioning
        .timeIDs?.shape == [2, 5])
    var settings = Self.short
    settings.refiner = SDXLRun.refiner
    let source = try ModelSource(resolving: "\(SDXLRun.folder)/base", environment: [:])
      .refined(for: settings) { try ModelSource(resolving: $0.name, environment: [:]) }
    let files = try ReceiptModel(hashing: source).files.map(\.name)
    for name in ["text_encoder_2/model.safetensors", "tokenizer_2/merges.txt", "refiner/unet/config.json"] {
      #expect(files.contains(name), "\(name)")
    }
    #expect(!files.contains { $0.hasPrefix("/") } && Set(files).count == files.count)
  }
}
