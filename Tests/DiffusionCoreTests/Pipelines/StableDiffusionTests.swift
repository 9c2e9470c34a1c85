import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("Stable Diffusion") struct StableDiffusionTests {
  private static let pipeline = Result {
    try DiffusionPipeline.load(DemoModel.source(named: ModelReference.promptDemoName), threads: 2)
  }
  private var pipeline: DiffusionPipeline { get throws { try Self.pipeline.get() } }

  private func pipeline(of item: StableDiffusionFixture) throws -> DiffusionPipeline {
    guard let model = item.model else { return try pipeline }
    return try DiffusionPipeline.fromPretrained("\(StableDiffusionFixture.folder)/\(model)", threads: 2)
  }

  private func largest(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, ($1.0 - $1.1).magnitude) }
  }

  @Test(
    "gives Diffusers' latents and images, and leaves its generators where Diffusers does",
    arguments: StableDiffusionFixture.all.indices)
  func conformance(index: Int) throws {
    let item = StableDiffusionFixture.all[index], expected = try StableDiffusionFixture.expected(index)
    let generators = (item.seeds ?? [0]).map { Generator().manualSeed(Seed($0)) }
    let pipeline = try pipeline(of: item), settings = try pipeline.model.resolved(item.settings.resolved())
    let start = try item.start(item.images[1])
    var run = try pipeline.start(settings, noise: NoiseSource(generators, device: .cpu), from: start)
    while !run.isFinished { _ = try run.step() }
    let images = try run.images(of: run.sample)
    #expect(run.sample.shape == item.latents && images.shape == item.images)
    let latents = largest(run.sample.scalars, expected.latents), pixels = largest(images.scalars, expected.images)
    #expect(pixels <= 1e-4, "\(item.testDescription)")
    #expect(latents <= 1e-4 * (expected.latents.map(\.magnitude).max() ?? 0) * 2, "\(item.testDescription)")
    #expect(generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } } == item.states)
    print("measured: \(item.testDescription): latents \(latents), images \(pixels) (limit 1e-4)")
  }

  @Test("names the components that are not run")
  func safetyChecker() throws {
    let folder = "\(StableDiffusionFixture.folder)/sd1"
    #expect(
      try DiffusionPipeline.fromPretrained(folder, threads: 2).warnings
        == ["\(folder): the safety checker is not run (safety_checker)"])
    #expect(try pipeline.warnings.isEmpty)
  }

  @Test(
    "keeps both halves of a guided prediction, each with the x_0 that it alone gives",
    arguments: ["ddim", "ddpm", "euler", "lms", "pndm"])
  func halves(scheduler: String) throws {
    func first(_ prompt: String, _ negative: String, _ scale: Double) throws -> DenoisingStep {
      var settings = RunSettings(seeds: [3], steps: 4, threads: 2, scheduler: scheduler, prompts: [prompt])
      (settings.negativePrompt, settings.guidanceScale) = (negative, scale)
      var run = try pipeline.run(settings)
      return try run.step()
    }
    let guided = try first("pizza", "red heart", 3)
    let (with, without) = (try first("pizza", "", 1), try first("red heart", "", 1))
    let halves = try #require(guided.guidance)
    #expect(with.guidance == nil && without.guidance == nil)
    #expect(halves.conditional == with.modelOutput)
    #expect(try halves.predOriginalSample(from: halves.conditional) == with.predOriginalSample)
    #expect(halves.unconditional == without.modelOutput)
    #expect(try halves.predOriginalSample(from: halves.unconditional) == without.predOriginalSample)
    #expect(halves.conditional != halves.unconditional)
  }

  @Test("an image is decoded block by block, and a report that throws stops it there") func decoding() throws {
    var settings = RunSettings(seeds: [3, 4], batchSize: 2, steps: 1, threads: 2, prompts: ["pizza"])
    settings.guidanceScale = 2
    let run = try pipeline.run(settings), latents = run.initialNoise
    var blocks: [ForwardProgress] = []
    let images = try run.images(of: latents) { blocks.append($0) }
    #expect(images == (try run.images(of: latents)))
    let total = try #require(blocks.first?.total)
    #expect(total >= 20 && blocks.map(\.completed) == Array(0..<total) && blocks.allSatisfy { $0.total == total })
    for last in [0, 3, total - 1] {
      blocks = []
      #expect(throws: CancellationError.self) {
        _ = try run.images(of: latents) {
          blocks.append($0)
          if $0.completed == last { throw CancellationError() }
        }
      }
      #expect(blocks.count == last + 1)
    }
  }

  @Test("covers prompts, guidance, batches, pictures and schedulers")
  func fixtures() {
    let all = StableDiffusionFixture.all
    #expect(all.count >= 39 && Set(all.compactMap(\.model)) == ["sd1", "sd2", "lcm"])
    #expect(Set(all.compactMap(\.scheduler)).count >= 4 && all.contains { ($0.seeds?.count ?? 1) > 1 })
    #expect(all.contains { $0.strength != nil } && all.contains { $0.negative != nil })
    #expect(all.count { $0.blend != nil } >= 3)
  }

  /// The sums on the model's card.
  @Test(arguments: [
    ("grinning face", 0, 2, 8639.4542), ("grinning face", 42, 10, 8715.2633), ("pizza", 0, 20, 10296.5861),
    ("pizza", 42, 2, 10314.9936), ("red heart", 0, 10, 8673.4757), ("red heart", 42, 20, 8692.1922),
    ("angry cat", 0, 2, 9547.8732), ("angry cat", 42, 10, 9532.2173),
  ])
  func card(prompt: String, seed: Int, steps: Int, sum: Double) throws {
    var run = try pipeline.run(RunSettings(seeds: [Seed(seed)], steps: steps, threads: 2, prompts: [prompt]))
    while !run.isFinished { _ = try run.step() }
    let found = try run.output().images.scalars.reduce(0.0) { $0 + Double($1.magnitude) }
    #expect(abs(found - sum) < 0.05, "\(found)")
  }

  @Test("takes the same bits alone and with runs of other prompts, guidance and batches")
  func batches() throws {
    let settings = [
      RunSettings(seeds: [1], steps: 2, threads: 2, prompts: ["pizza"]),
      RunSettings(seeds: [2], steps: 2, threads: 2, prompts: ["red heart"], negativePrompt: "cat", guidanceScale: 5),
      RunSettings(seeds: [3], batchSize: 2, steps: 2, threads: 2, prompts: ["red heart", "cat"], guidanceScale: 1),
    ]
    var variants = PipelineVariants(try pipeline)
    var together = try settings.map { try variants.run($0) }, alone = try settings.map { try variants.run($0) }
    #expect(DenoisingRun.sharedPasses(of: together) == [[0, 1, 2]])
    for _ in 0..<2 {
      let steps = try DenoisingRun.step(&together).map { try $0.get() }
      for index in alone.indices {
        let own = try alone[index].step()
        #expect(own.prevSample == steps[index].prevSample && own.guidance == steps[index].guidance)
      }
    }
  }

  @Test("an image of a batch has the bits that it has among the others")
  func image() throws {
    var settings = RunSettings(seeds: [4], batchSize: 2, steps: 2, threads: 2, prompts: ["pizza", "red heart"])
    settings.guidanceScale = 3
    var all = try pipeline.run(settings)
    settings.selection.image = 2
    var one = try pipeline.run(settings)
    for _ in 0..<2 {
      let (whole, part) = (try all.step(), try one.step())
      #expect(part.prevSample.scalars == Array(whole.prevSample.scalars.suffix(part.prevSample.count)))
    }
  }

  @Test("keeps the predictions that guidance mixes")
  func prediction() throws {
    var run = try pipeline.run(RunSettings(steps: 1, threads: 2, prompts: ["pizza"], guidanceScale: 3))
    let step = try run.step(), guidance = try #require(step.guidance)
    #expect(guidance.unconditional != guidance.conditional)
    for (index, value) in step.modelOutput.scalars.enumerated() {
      let (without, with) = (guidance.unconditional.scalars[index], guidance.conditional.scalars[index])
      #expect(value == without + 3 * (with - without))
    }
    var plain = try pipeline.run(RunSettings(steps: 1, threads: 2, prompts: ["pizza"], guidanceScale: 1))
    let alone = try plain.step()
    #expect(alone.guidance == nil && alone.modelOutput == guidance.conditional)
  }

  @Test("a branch may change the prompt and the guidance, and starts from the same sample")
  func branch() throws {
    var settings = RunSettings(steps: 3, threads: 2, prompts: ["pizza"])
    var plain = try pipeline.run(settings)
    settings.branches = [
      RunBranch(step: 1, changes: ["prompt": .list([.text("red heart")]), "guidance_scale": .integer(4)])
    ]
    var branched = try pipeline.run(settings)
    #expect(try plain.step().prevSample == branched.step().prevSample)
    let (own, other) = (try plain.step(), try branched.step())
    #expect(own.sample == other.sample && own.prevSample != other.prevSample)
    #expect(own.guidance?.unconditional == other.guidance?.unconditional)
    #expect(own.guidance?.conditional != other.guidance?.conditional)
  }

  @Test("says what was cut off, and how far it guides")
  func tokens() throws {
    let long = Array(repeating: "pizza", count: 20).joined(separator: " ")
    let run = try pipeline.run(RunSettings(steps: 1, threads: 2, prompts: [long], negativePrompt: "cat"))
    #expect(run.tokenizedPrompts.map(\.prompt) == [long, "cat"])
    #expect(run.tokenizedPrompts[0].tokens.count == 16 && !run.tokenizedPrompts[0].dropped.isEmpty)
    #expect(run.settings.guidanceScale == 2)
    let latents = try #require(run.latents)
    #expect(latents.scale == 4 && run.samplesAreLatents && latents.factors.count == 4)
  }

  /// The preview of latents is an approximation: nearer to the picture than grey is.
  @Test func previewResemblesTheImage() throws {
    var run = try pipeline.run(RunSettings(steps: 10, threads: 2, prompts: ["pizza"]))
    while !run.isFinished { _ = try run.step() }
    let latents = try #require(run.latents), preview = latents.preview(run.sample)
    let images = try run.images(of: run.sample)
    var error = 0.0, spread = 0.0
    for color in 0..<3 {
      let means = (0..<256).map { place -> Double in
        let (y, x) = (place / 16 * 4, place % 16 * 4)
        return (0..<16).reduce(0) { $0 + Double(images.scalars[((y + $1 / 4) * 64 + x + $1 % 4) * 3 + color]) } / 16
      }
      let mean = means.reduce(0, +) / 256
      for place in 0..<256 {
        let shown = Double(preview.scalars[color * 256 + place]) / 2 + 0.5
        error += (shown - means[place]) * (shown - means[place])
        spread += (mean - means[place]) * (mean - means[place])
      }
    }
    #expect(error < spread / 2, "\(error) of \(spread)")
  }

  @Test("refuses sizes that the networks cannot make, and prompts that do not fit the batch")
  func refusals() throws {
    let pipeline = try pipeline
    func message(_ settings: RunSettings) -> String? {
      let error = #expect(throws: DiffusionError.self) { _ = try pipeline.run(settings) }
      return error?.message
    }
    #expect(message(RunSettings(threads: 2, height: 66))?.contains("expected multiples of 4") == true)
    #expect(try pipeline.run(RunSettings(threads: 2, height: 68)).initialNoise.shape == [1, 4, 17, 16])
    #expect(
      message(RunSettings(batchSize: 3, threads: 2, prompts: ["a", "b"]))?.contains("2 prompts for 3 images") == true)
    let unconditional = try DiffusionPipeline.load(DemoModel.source, threads: 2)
    for (settings, expected) in [
      (RunSettings(threads: 2, prompts: ["pizza"]), "prompt: the model takes no prompt: it is unconditional"),
      (RunSettings(threads: 2, guidanceScale: 2), "guidance_scale: the model takes no prompt"),
      (RunSettings(threads: 2, height: 64), "makes images of 32x32"),
    ] {
      let error = #expect(throws: DiffusionError.self) { _ = try unconditional.run(settings) }
      #expect(error?.message.contains(expected) == true)
    }
    _ = try unconditional.run(RunSettings(threads: 2, height: 32, width: 32))
  }
}
