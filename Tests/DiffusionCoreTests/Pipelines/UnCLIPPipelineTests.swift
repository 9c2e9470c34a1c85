import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("UnCLIPPipeline") struct UnCLIPPipelineTests {
  private static func pipeline(
    _ model: String = "small", device: Device = .cpu, threads: Int = 2
  ) throws -> DiffusionPipeline {
    try DiffusionPipeline.load(
      ModelSource(resolving: "\(UnCLIPRun.folder)/\(model)", environment: [:]), device: device, threads: threads)
  }

  private static let short = RunSettings(
    seeds: [4], steps: 2, threads: 2, prompts: ["red heart"], priorSteps: 2, superResSteps: 2)

  private func difference(_ found: Tensor<Float>, _ expected: Tensor<Float>) -> Double {
    guard found.shape == expected.shape else { return .infinity }
    return largestDifference(found, expected) / Double(expected.scalars.reduce(0) { max($0, abs($1)) })
  }

  @Test(
    "gives Diffusers' latents in every stage and its images, and leaves its generators where Diffusers does",
    arguments: UnCLIPRun.all.indices)
  func conformance(index: Int) throws {
    let item = UnCLIPRun.all[index], expected = try UnCLIPRun.expected(index)
    let generators = (item.seeds ?? [0]).map { Generator().manualSeed(Seed($0)) }
    let pipeline = try Self.pipeline(item.model ?? "small")
    let settings = try pipeline.model.resolved(item.settings.resolved())
    var run = try pipeline.start(settings, noise: NoiseSource(generators, device: .cpu)), samples: [Tensor<Float>] = []
    while !run.isFinished { samples.append(try run.step().prevSample) }
    let steps = item.steps ?? [4, 4, 3]
    #expect(run.schedule.count == steps.reduce(0, +))
    let last = [samples[steps[0] - 1], samples[steps[0] + steps[1] - 1], run.sample, try run.images(of: run.sample)]
    let found = zip(last, expected).map { difference($0, $1) }
    #expect(found.allSatisfy { $0 <= 1e-4 } && found.count == 4, "\(item.testDescription): \(found)")
    #expect(generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } } == item.states)
    print("measured: unclip \(item.testDescription): prior, decoder, super-resolution, images \(found) (limit 1e-4)")
  }

  @Test("its stages are one timeline in three parts") func stages() throws {
    var run = try Self.pipeline().run(Self.short)
    let stages = run.stages.map { StageSteps(name: $0.name, steps: $0.steps, sampleShape: $0.sampleShape) }
    #expect(
      stages == [
        StageSteps(name: "prior", steps: 0..<2, sampleShape: [16]),
        StageSteps(name: "decoder", steps: 2..<4, sampleShape: [3, 8, 8]),
        StageSteps(name: "super-resolution", steps: 4..<6, sampleShape: [3, 16, 16]),
      ])
    #expect(run.stages.map(\.alphasCumprod.count) == [1000, 1000, 100])
    #expect(run.stage(ofStep: 3)?.name == "decoder" && run.stage(ofStep: 6) == nil)
    #expect(run.schedule.map(\.timestep) == [999, 0, 999, 0, 99, 0])
    var shapes: [[Int]] = [run.initialNoise.shape]
    while !run.isFinished {
      let step = try run.step()
      #expect(step.sample.shape == step.prevSample.shape && step.nonFinite == nil)
      shapes.append(step.prevSample.shape)
    }
    #expect(shapes == [[1, 16], [1, 16], [1, 16], [1, 3, 8, 8], [1, 3, 8, 8], [1, 3, 16, 16], [1, 3, 16, 16]])
    #expect(run.stages.map(\.steps) == [0..<2, 2..<4, 4..<6])
    #expect(run.tokenizedPrompts.map(\.prompt) == ["red heart"] && run.latents == nil)
  }

  @Test("a run without settings of its own has those of Diffusers") func usual() throws {
    let pipeline = try Self.pipeline()
    #expect(try pipeline.schedulerSource.usualSteps() == 25)
    let run = try pipeline.run(RunSettings(steps: 25, threads: 2, prompts: ["cat"]))
    #expect(run.stages.map(\.steps) == [0..<25, 25..<50, 50..<57])
    #expect(run.settings.guidanceScale == 8 && run.settings.priorGuidanceScale == 4)
    #expect(run.settings.priorSteps == 25 && run.settings.superResSteps == 7)
  }

  @Test("devices and threads give the same bits") func devices() throws {
    func samples(_ device: Device, threads: Int) throws -> [[Float]] {
      var settings = Self.short, samples: [[Float]] = []
      (settings.device, settings.threads) = (device, threads)
      var run = try Self.pipeline(device: device, threads: threads).run(settings)
      while !run.isFinished { samples.append(try run.step().prevSample.scalars) }
      return samples
    }
    let expected = try samples(.cpuReference, threads: 1)
    for device in Device.available where device != .cpuReference {
      for threads in [1, 3] { #expect(try samples(device, threads: threads) == expected, "\(device), \(threads)") }
    }
  }

  @Test("an image of a batch alone has its bits among the others") func image() throws {
    let pipeline = try Self.pipeline()
    func sample(_ change: (inout RunSettings) -> Void) throws -> Tensor<Float> {
      var settings = Self.short
      change(&settings)
      var run = try pipeline.run(settings)
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    let both = try sample { ($0.batchSize, $0.prompts) = (2, ["cat", "an angry pizza"]) }
    let second = try sample { ($0.batchSize, $0.prompts, $0.selection.image) = (2, ["cat", "an angry pizza"], 2) }
    #expect(second.scalars == Array(both.scalars.suffix(second.count)))
    let seeded = try sample { ($0.seeds, $0.batchSize, $0.prompts) = ([7, 8], 2, ["cat"]) }
    let own = try sample { ($0.seeds, $0.prompts) = ([8], ["cat"]) }
    #expect(own.scalars == Array(seeded.scalars.suffix(own.count)))
  }

  @Test("runs share the passes of every stage, with the bits of each alone") func batches() throws {
    let settings = [
      Self.short, RunSettings(seeds: [2], steps: 2, threads: 2, prompts: ["cat"], priorSteps: 2, superResSteps: 2),
      RunSettings(
        seeds: [3], batchSize: 2, steps: 2, threads: 2, prompts: ["pizza", "cat"], guidanceScale: 2, priorSteps: 2,
        superResSteps: 2, priorGuidanceScale: 3),
    ]
    var variants = PipelineVariants(try Self.pipeline())
    var together = try settings.map { try variants.run($0) }, alone = try settings.map { try variants.run($0) }
    for _ in 0..<6 {
      #expect(DenoisingRun.sharedPasses(of: together) == [[0, 1, 2]])
      let steps = try DenoisingRun.step(&together).map { try $0.get() }
      for index in alone.indices {
        let own = try alone[index].step()
        #expect(own.prevSample == steps[index].prevSample && own.guidance == steps[index].guidance)
      }
    }
  }

  @Test("a step that is stopped leaves the run and its generators as they were, at the end of a stage too")
  func interruption() throws {
    struct Stop: Error {}
    var run = try Self.pipeline().run(Self.short), other = try Self.pipeline().run(Self.short)
    while !run.isFinished {
      let before = run.completedSteps
      #expect(throws: Stop.self) { try run.step { if $0.completed > 0 { throw Stop() } } }
      #expect(run.completedSteps == before)
      #expect(try run.step().prevSample == other.step().prevSample)
    }
  }

  @Test("refuses in one line what it has no use for") func refusals() throws {
    let pipeline = try Self.pipeline()
    func message(
      _ pipeline: DiffusionPipeline, _ start: RunStart = .noise, _ change: (inout RunSettings) -> Void
    ) throws -> String {
      var settings = Self.short
      change(&settings)
      let error = try #require(throws: DiffusionError.self) { try pipeline.run(settings, from: start) }
      #expect(error.kind == .usage && !error.message.contains("\n"))
      return error.message
    }
    #expect(try message(pipeline) { $0.negativePrompt = "blue" }.hasPrefix("negative_prompt: unCLIP"))
    #expect(try message(pipeline) { $0.guidanceRescale = 0.5 }.hasPrefix("guidance_rescale: "))
    #expect(try message(pipeline) { $0.selection.call = 2 }.hasPrefix("call: "))
    #expect(try message(pipeline) { $0.scheduler = "ddim" }.hasPrefix("scheduler ddim: "))
    #expect(try message(pipeline) { $0.height = 32 }.contains("the model makes images of 16x16"))
    #expect(try message(pipeline) { $0.branches = [RunBranch(step: 6)] }.hasPrefix("branch at step 6 of 6: "))
    #expect(try message(pipeline) { $0.steps = 1 }.hasPrefix("decoder: "))
    #expect(try message(pipeline) { $0.superResSteps = 1 }.hasPrefix("super-resolution: "))
    let unconditional = try DiffusionPipeline.load(DemoModel.source, threads: 2)
    let one = "prior_steps: the model has one stage: it is for unCLIP, which has a prior and a super-resolution"
    #expect(try message(unconditional) { $0.prompts = [] } == one)
  }

  @Test("names its networks, each with its layers") func networks() throws {
    let networks = try Self.pipeline().model.networks(of: RunSettings(threads: 1))
    #expect(
      networks.map(\.component)
        == ["prior", "text_encoder", "text_proj", "decoder", "super_res_first", "super_res_last"])
    #expect(networks.allSatisfy { $0.description.flops > 0 && $0.description.parameterCount > 0 })
    let source = try ModelSource(resolving: "\(UnCLIPRun.folder)/small", environment: [:])
    let files = try source.files().map { $0.path.dropFirst("\(UnCLIPRun.folder)/small/".count) }
    for stage in ["prior", "decoder", "super_res"] {
      #expect(files.contains("\(stage)_scheduler/scheduler_config.json"))
    }
    #expect(!files.contains("scheduler/scheduler_config.json"))
  }

  @Test(
    "refuses networks that do not fit each other",
    arguments: [
      ("prior", "\"num_embeddings\": 16", "\"num_embeddings\": 15", "the prior's num_embeddings"),
      ("text_proj", "\"time_embed_dim\": 32", "\"time_embed_dim\": 31", "the decoder's time_embed_dim"),
      ("decoder", "\"out_channels\": 6", "\"out_channels\": 3", "the decoder's out_channels"),
    ])
  func mismatch(component: String, own: String, other: String, expected: String) throws {
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: "\(UnCLIPRun.folder)/small", toPath: "\(scratch.path)/small")
    let path = URL(filePath: "\(scratch.path)/small/\(component)/config.json")
    let text = try String(contentsOf: path, encoding: .utf8)
    #expect(text.contains(own))
    try text.replacing(own, with: other).write(to: path, atomically: true, encoding: .utf8)
    let error = try #require(throws: DiffusionError.self) {
      try DiffusionPipeline.fromPretrained("\(scratch.path)/small", threads: 1)
    }
    #expect(error.kind == .badData && !error.message.contains("\n"), "\(error.message)")
    print("\(error.message)")
  }
}
