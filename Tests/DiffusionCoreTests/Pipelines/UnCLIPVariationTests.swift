import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("UnCLIPImageVariationPipeline") struct UnCLIPVariationTests {
  private static func pipeline(device: Device = .cpu, threads: Int = 2) throws -> DiffusionPipeline {
    try DiffusionPipeline.load(
      ModelSource(resolving: "\(UnCLIPVariationRun.folder)/model", environment: [:]), device: device, threads: threads)
  }

  private static let short = RunSettings(
    seeds: [4], steps: 2, threads: 2, initImage: PictureReference("wide"), superResSteps: 2)

  private static func start(_ name: String) throws -> RunStart { .picture(try UnCLIPVariationPictures.open(name)) }

  private func difference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return largestDifference(found, expected) / Double(expected.scalars.reduce(0) { max($0, abs($1)) })
  }

  @Test(
    "gives Diffusers' latents in both stages and its images, and leaves its generators where Diffusers does",
    arguments: UnCLIPVariationRun.all.indices)
  func conformance(index: Int) throws {
    let item = UnCLIPVariationRun.all[index], expected = try UnCLIPVariationRun.expected(index)
    let generators = (item.seeds ?? [0]).map { Generator().manualSeed(Seed($0)) }
    let pipeline = try Self.pipeline(), settings = try pipeline.model.resolved(item.settings.resolved())
    var run = try pipeline.start(
      settings, noise: NoiseSource(generators, device: .cpu), from: Self.start(item.picture))
    var samples: [Tensor<Float>] = []
    while !run.isFinished { samples.append(try run.step().prevSample) }
    let last = [samples[(item.steps ?? [4, 3])[0] - 1], run.sample, try run.images(of: run.sample)]
    let found = zip(last, expected).map { difference($0, $1) }
    #expect(found.allSatisfy { $0 <= 1e-4 } && found.count == 3, "\(item.picture): \(found)")
    #expect(generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } } == item.states)
    print("measured: unclip variation \(index): decoder, super-resolution, images \(found) (limit 1e-4)")
  }

  @Test("its stages are one timeline in two parts, and its record has the picture") func stages() throws {
    let run = try Self.pipeline().run(Self.short, from: Self.start("wide"))
    let stages = run.stages.map { StageSteps(name: $0.name, steps: $0.steps, sampleShape: $0.sampleShape) }
    #expect(
      stages == [
        StageSteps(name: "decoder", steps: 0..<2, sampleShape: [3, 8, 8]),
        StageSteps(name: "super-resolution", steps: 2..<4, sampleShape: [3, 16, 16]),
      ])
    #expect(run.schedule.map(\.timestep) == [999, 0, 99, 0] && run.picture?.name == "wide")
    #expect(run.tokenizedPrompts.isEmpty && run.warnings.isEmpty && run.latents == nil)
    #expect(run.initialSample == run.initialNoise)
    #expect(try Self.pipeline().schedulerSource.usualSteps() == 25)
  }

  @Test("another picture, and a corner of one, change its images visibly") func pictures() throws {
    let pipeline = try Self.pipeline()
    func images(_ picture: SourcePicture) throws -> Tensor<Float> {
      var run = try pipeline.run(Self.short, from: .picture(picture))
      while !run.isFinished { _ = try run.step() }
      return try run.images(of: run.sample)
    }
    let own = try UnCLIPVariationPictures.open("wide"), expected = try images(own)
    #expect(largestDifference(try images(UnCLIPVariationPictures.open("tall")), expected) > 1e-2)
    guard case .bits8(var bytes) = own.samples else { return }
    for row in 0..<10 {
      for index in 0..<48 { bytes[row * 99 + index] = 255 - bytes[row * 99 + index] }
    }
    let changed = try SourcePicture(
      record: own.record, width: own.width, height: own.height, channels: 3, samples: .bits8(bytes))
    #expect(largestDifference(try images(changed), expected) > 1e-2)
  }

  @Test("devices and threads give the same bits, and an image of a batch has its own") func bits() throws {
    func sample(
      _ device: Device = .cpuReference, threads: Int = 1, _ change: (inout RunSettings) -> Void = { _ in }
    ) throws -> Tensor<Float> {
      var settings = Self.short
      (settings.device, settings.threads) = (device, threads)
      change(&settings)
      var run = try Self.pipeline(device: device, threads: threads).run(settings, from: Self.start("wide"))
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    let expected = try sample()
    for device in Device.available where device != .cpuReference {
      for threads in [1, 3] { #expect(try sample(device, threads: threads) == expected, "\(device), \(threads)") }
    }
    let both = try sample { ($0.seeds, $0.batchSize) = ([3, 4], 2) }
    #expect(Array(both.scalars.suffix(expected.count)) == expected.scalars)
    let second = try sample { ($0.seeds, $0.batchSize, $0.selection.image) = ([3, 4], 2, 2) }
    #expect(second == expected)
  }

  @Test("refuses in one line what it has no use for") func refusals() throws {
    let pipeline = try Self.pipeline()
    func message(
      _ start: RunStart? = nil, _ change: (inout RunSettings) -> Void = { _ in }
    ) throws -> String {
      var settings = Self.short
      change(&settings)
      let error = try #require(throws: DiffusionError.self) {
        try pipeline.run(settings, from: start ?? Self.start("wide"))
      }
      #expect(error.kind == .usage && !error.message.contains("\n"))
      return error.message
    }
    let missing = "init_image: the model makes variations of a picture: give one with --image FILE, or as init_image"
    #expect(try message(.noise) { $0.initImage = nil } == missing)
    #expect(try message(.noise) == "init_image: the model makes variations of a picture, found none")
    #expect(try message { $0.prompts = ["cat"] }.hasPrefix("prompt: a model of variations of a picture has no use"))
    #expect(try message { $0.priorSteps = 3 }.hasPrefix("prior_steps: "))
    #expect(try message { $0.invert = true }.hasPrefix("invert: "))
    #expect(try message { $0.strength = 0.5 }.hasPrefix("strength: the run begins with noise"))
    let late = RunBranch(step: 2, changes: ["steps": .integer(3)])
    #expect(try message { $0.branches = [late] }.hasPrefix("branch at step 2: steps is for the decoder"))
  }

  @Test("names its networks and its files") func networks() throws {
    let pipeline = try Self.pipeline(), networks = try pipeline.model.networks(of: RunSettings(threads: 1))
    #expect(
      networks.map(\.component)
        == ["decoder", "image_encoder", "text_encoder", "text_proj", "super_res_first", "super_res_last"])
    #expect(networks.allSatisfy { $0.description.flops > 0 && $0.description.parameterCount > 0 })
    #expect(pipeline.warnings.isEmpty)
    #expect(try pipeline.model.exampleInput(of: RunSettings(batchSize: 2, threads: 1)).sample.shape == [2, 3, 8, 8])
    let folder = "\(UnCLIPVariationRun.folder)/model"
    let files = try ModelSource(resolving: folder, environment: [:]).files().map { $0.path.dropFirst(folder.count + 1) }
    for name in ["feature_extractor/preprocessor_config.json", "image_encoder/model.safetensors"] {
      #expect(files.contains { $0 == name })
    }
  }
}
