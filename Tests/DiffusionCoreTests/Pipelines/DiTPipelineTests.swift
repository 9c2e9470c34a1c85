import DemoModel
import DiffusionCore
import Foundation
import TestSupport
import Testing

@Suite("DiTPipeline") struct DiTPipelineTests {
  private static func pipeline(_ model: String) throws -> DiffusionPipeline {
    try DiffusionPipeline.fromPretrained("\(DiTRun.folder)/\(model)", threads: 2)
  }

  private func largest(_ found: [Float], _ expected: [Float]) -> Float {
    guard found.count == expected.count else { return .infinity }
    return zip(found, expected).reduce(0) { ($1.0 - $1.1).isNaN ? .infinity : max($0, ($1.0 - $1.1).magnitude) }
  }

  @Test(
    "gives Diffusers' latents and images, and leaves its generators where Diffusers does", arguments: DiTRun.all.indices
  )
  func conformance(index: Int) throws {
    let item = DiTRun.all[index], expected = try DiTRun.expected(index)
    let generators = (item.seeds ?? [0]).map { Generator().manualSeed(Seed($0)) }
    let pipeline = try Self.pipeline(item.model), settings = try pipeline.model.resolved(item.settings.resolved())
    var run = try pipeline.start(settings, noise: NoiseSource(generators, device: .cpu))
    while !run.isFinished { _ = try run.step() }
    let images = try run.images(of: run.sample)
    #expect(run.sample.shape == item.latents && images.shape == item.images)
    let latents = largest(run.sample.scalars, expected.latents) / (expected.latents.map(\.magnitude).max() ?? 0)
    let pixels = largest(images.scalars, expected.images)
    #expect(pixels <= 1e-4 && latents <= 1e-4, "\(item.testDescription): images \(pixels), latents \(latents)")
    #expect(generators.map { $0.getState().withUnsafeBytes { ContentHash.sha256($0) } } == item.states)
    print("measured: dit \(item.testDescription): latents \(latents), images \(pixels) (limit 1e-4)")
  }

  /// tests/pipelines/dit/test_dit.py, whose weights are here in float16.
  @Test("gives the slice that Diffusers' own test expects") func published() throws {
    var settings = RunSettings(steps: 2, threads: 2)
    settings.classLabels = [.number(1)]
    var run = try Self.pipeline("published").run(settings)
    while !run.isFinished { _ = try run.step() }
    let images = try run.images(of: run.sample)
    #expect(images.shape == [1, 16, 16, 3])
    let slice = (13..<16).flatMap { row in (13..<16).map { images.scalars[(row * 16 + $0) * 3 + 2] } }
    #expect(largest(slice, [0.2946, 0.6601, 0.4329, 0.3296, 0.4144, 0.5319, 0.7273, 0.5013, 0.4457]) <= 1e-3)
  }

  @Test("a run without a class is of class 0, and says so; guidance is 4") func usual() throws {
    let pipeline = try Self.pipeline("old")
    var run = try pipeline.run(RunSettings(steps: 2, threads: 2))
    #expect(run.imageClasses == [ImageClass(number: 0, name: "tench, Tinca tinca", isDefault: true)])
    #expect(run.imageClasses.map(\.description) == ["0 tench, Tinca tinca, by default"])
    #expect(run.settings.guidanceScale == 4 && run.settings.classLabels.isEmpty && run.latents?.scale == 2)
    var named = try pipeline.run(
      RunSettings(steps: 2, threads: 2, guidanceScale: 4, classLabels: [.name("Tinca tinca")]))
    #expect(named.imageClasses.map(\.isDefault) == [false] && named.settings.classLabels == [.number(0)])
    #expect(try run.step().prevSample == named.step().prevSample)
  }

  @Test("names are those of the last class that has them, as Diffusers takes them") func names() throws {
    let pipeline = try Self.pipeline("old")
    let names = ["fish", "goldfish", "cock", "golden retriever", " tench "]
    var settings = RunSettings(batchSize: 5, steps: 1, threads: 2, guidanceScale: 1)
    settings.classLabels = names.map(ClassLabel.name)
    let run = try pipeline.run(settings.with { $0.classLabels[4] = .name("tench") })
    #expect(run.imageClasses.map(\.number) == [10, 1, 7, 207, 0])
    #expect(run.imageClasses[1].name == "goldfish, fish")
  }

  @Test("refuses in one line what it does not have") func refusals() throws {
    let old = try Self.pipeline("old"), few = try Self.pipeline("few")
    let unconditional = try DiffusionPipeline.load(DemoModel.source, threads: 2)
    func message(_ pipeline: DiffusionPipeline, _ change: (inout RunSettings) -> Void) throws -> String {
      let settings = RunSettings(steps: 1, threads: 2).with(change)
      let error = try #require(throws: DiffusionError.self) { try pipeline.run(settings) }
      #expect(error.kind == .usage && !error.message.contains("\n"))
      return error.message
    }
    #expect(try message(old) { $0.classLabels = [.number(1004)] }.contains("a whole number from 0 to 1003"))
    #expect(
      try message(old) { $0.classLabels = [.name("golden retreiver")] }.contains("did you mean golden retriever?"))
    #expect(try message(few) { $0.classLabels = [.name("fish")] }.contains("the model has no names of classes"))
    #expect(
      try message(few) { $0.guidanceScale = 2 }
        == "guidance_scale 2: guidance takes label 1000 for no class, and the model has labels 0 to 5: "
        + "take a scale of 1"
    )
    #expect(try message(few) { $0.steps = 2 }.contains("guidance_scale 4"))
    #expect(try message(old) { $0.prompts = ["pizza"] }.hasPrefix("prompt: the model takes no prompt"))
    #expect(try message(old) { $0.guidanceRescale = 0.5 }.hasPrefix("guidance_rescale: "))
    #expect(try message(old) { $0.height = 32 }.contains("the model makes images of 16x16"))
    #expect(
      try message(unconditional) { $0.classLabels = [.number(0)] }.hasPrefix("class_label: the model has no classes"))
    let sd = try DiffusionPipeline.fromPretrained("\(Fixtures.folder)/stable-diffusion/sd1", threads: 2)
    #expect(try message(sd) { $0.classLabels = [.number(0)] }.hasPrefix("class_label: the model has no classes"))
  }

  @Test("a UNet of classes takes them too, and 0 by default") func unet() throws {
    let pipeline = try DDIMPipeline.load(
      ModelSource(resolving: "\(Fixtures.folder)/unet/classes", environment: [:]), threads: 2)
    func sample(_ labels: [ClassLabel]) throws -> (Tensor<Float>, [ImageClass]) {
      var run = try pipeline.run(RunSettings(seeds: [4], steps: 2, threads: 2, classLabels: labels))
      while !run.isFinished { _ = try run.step() }
      return (run.sample, run.imageClasses)
    }
    let usual = try sample([]), first = try sample([.number(0)]), second = try sample([.number(1)])
    #expect(usual.0 == first.0 && usual.1 == [ImageClass(number: 0, isDefault: true)])
    #expect(second.0 != first.0 && second.1 == [ImageClass(number: 1)])
    let count = try #require(pipeline.unet.config.numClassEmbeds)
    let error = try #require(throws: DiffusionError.self) { try sample([.number(count)]) }
    #expect(error.message == "class_label \(count) is not a whole number from 0 to \(count - 1), the model's classes")
  }

  @Test("runs of other classes, guidance and batches share a pass, with the bits of each alone") func batches() throws {
    let settings = [
      RunSettings(seeds: [1], steps: 2, threads: 2, classLabels: [.number(7)]),
      RunSettings(seeds: [2], steps: 2, threads: 2, guidanceScale: 1),
      RunSettings(
        seeds: [3], batchSize: 2, steps: 2, threads: 2, guidanceScale: 2, classLabels: [.number(1), .number(2)]),
    ]
    var variants = PipelineVariants(try Self.pipeline("new"))
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

  @Test("one seed gives other images of other classes, and an image of a batch alone has its class")
  func classes() throws {
    let pipeline = try Self.pipeline("new")
    func sample(_ change: (inout RunSettings) -> Void) throws -> Tensor<Float> {
      var run = try pipeline.run(RunSettings(seeds: [4], steps: 2, threads: 2).with(change))
      while !run.isFinished { _ = try run.step() }
      return run.sample
    }
    let samples = try (0..<8).map { label in try sample { $0.classLabels = [.number(label)] } }
    #expect(Set(samples.map(\.scalars)).count == 8)
    #expect(try sample { _ in } == samples[0])
    let list: [ClassLabel] = [.number(1), .number(2)]
    let both = try sample { ($0.batchSize, $0.classLabels) = (2, list) }
    let second = try sample { ($0.batchSize, $0.classLabels, $0.selection.image) = (2, list, 2) }
    #expect(second.scalars == Array(both.scalars.suffix(second.count)))
  }

  @Test("a branch goes on with another class, from the same sample") func branch() throws {
    let pipeline = try Self.pipeline("old")
    let settings = RunSettings(steps: 3, threads: 2).with {
      $0.branches = [RunBranch(step: 1, changes: ["class_label": .text("golden retriever")])]
    }
    var plain = try pipeline.run(RunSettings(steps: 3, threads: 2)), branched = try pipeline.run(settings)
    #expect(try plain.step().prevSample == branched.step().prevSample)
    let (own, other) = (try plain.step(), try branched.step())
    #expect(own.guidance?.unconditional == other.guidance?.unconditional)
    #expect(own.guidance?.conditional != other.guidance?.conditional)
  }

  @Test("names its networks, each with its layers") func networks() throws {
    let networks = try Self.pipeline("new").model.networks(of: RunSettings(threads: 1))
    #expect(networks.map(\.component) == ["transformer", "vae"])
    #expect(networks.map(\.className) == ["DiTTransformer2DModel", "AutoencoderKL"])
    #expect(networks.allSatisfy { $0.description.flops > 0 && $0.description.parameterCount > 0 })
  }

  @Test("refuses networks that do not fit each other") func mismatch() throws {
    let scratch = try ScratchFolder()
    try FileManager.default.copyItem(atPath: "\(DiTRun.folder)/few", toPath: "\(scratch.path)/few")
    for (key, expected) in [
      ("\"in_channels\": 4", "the transformer takes 5 channels"), ("\"out_channels\": 8", "expected 4"),
    ] {
      let path = URL(filePath: "\(scratch.path)/few/transformer/config.json")
      let original = try String(contentsOf: path, encoding: .utf8)
      let other = key.dropLast() + "5"
      try original.replacing(key, with: other).write(to: path, atomically: true, encoding: .utf8)
      let error = try #require(throws: DiffusionError.self) {
        try DiffusionPipeline.fromPretrained("\(scratch.path)/few", threads: 1)
      }
      #expect(error.message.contains(expected))
      try original.write(to: path, atomically: true, encoding: .utf8)
    }
  }
}

extension RunSettings {
  /// The settings with changes.
  fileprivate func with(_ change: (inout RunSettings) -> Void) -> RunSettings {
    var settings = self
    change(&settings)
    return settings
  }
}
