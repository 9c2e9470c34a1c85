import DiffusionCore
import TestSupport
import Testing

@Suite("A step that is not finite reports its origin")
struct NonFiniteStepTests {
  private struct Stop: Error {}

  /// A model without layers.
  private struct Formula: DenoisingModel {
    let formula: @Sendable (Float) -> Float

    func callAsFunction(
      _ input: ModelInput, progress: ForwardProgressHandler?
    ) throws -> Tensor<Float> {
      input.sample.map(formula)
    }
  }

  private func run(noise: Float, formula: @escaping @Sendable (Float) -> Float) throws -> DenoisingRun {
    var config = DDIMSchedulerConfig()
    config.clipSample = false
    return try DenoisingRun(
      model: Formula(formula: formula), scheduler: DDIMScheduler(config: config), sampleShape: [1, 1, 2],
      settings: RunSettings(steps: 4, threads: 1),
      noise: NoiseSource { Tensor(unchecked: $0, [0, noise]) })
  }

  @Test("the layer of the model, in a run alone and in a batch")
  func layer() throws {
    let pipeline = try AlteredModel.pipeline("two-levels", filling: "mid_block.resnets.1.conv2.weight", with: 3e38)
    let settings = [1, 2].map { RunSettings(seeds: [$0], steps: 3, eta: 1, threads: 1) }
    var runs = try settings.map(pipeline.run), alone = try pipeline.run(settings[1])
    let steps = try DenoisingRun.step(&runs).map { try $0.get() }
    #expect(steps.map { $0.nonFinite?.name } == ["mid_block.resnets.1.conv2", "mid_block.resnets.1.conv2"])
    let expected = try alone.step()
    #expect(steps[1].nonFinite == expected.nonFinite)
    #expect(steps[1].modelOutput.isBitEqual(to: expected.modelOutput))
    // The next step starts from the result of this one.
    #expect(try alone.step().nonFinite?.origin == .sample)
  }

  @Test("nil in a finite run, which runs the model once for each step")
  func finite() throws {
    let pipeline = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1)
    var run = try pipeline.run(RunSettings(steps: 2, eta: 1, threads: 1))
    var reports: [ForwardProgress] = []
    let step = try run.step { reports.append($0) }
    #expect(step.nonFinite == nil)
    #expect(reports.map(\.completed) == Array(0..<reports.count))
    #expect(reports.count == reports.first?.total)
  }

  @Test("x_t, if the noise is not finite")
  func sample() throws {
    var run = try run(noise: .nan) { $0 }
    let found = try run.step().nonFinite
    #expect(found?.origin == .sample)
    #expect(found?.value.isNaN == true)
    #expect(found?.index == [0, 0, 0, 1])
  }

  @Test("the scheduler, if a finite prediction overflows")
  func scheduler() throws {
    var run = try run(noise: 3e38) { -$0 }
    let found = try run.step().nonFinite
    #expect(found?.origin == .scheduler)
    #expect(found?.name == "scheduler")
    #expect(found?.value == .infinity)
  }

  @Test("the model output, for a model without layers")
  func formula() throws {
    var run = try run(noise: 1) { $0 / 0 }
    #expect(try run.step().nonFinite?.origin == .layer("model output"))
  }

  @Test("what the text encoder made, with guidance or without", arguments: [1, 7.5])
  func conditioning(scale: Double) throws {
    let pipeline = try AlteredModel.stableDiffusion(overflowing: "final_layer_norm.weight", of: "text_encoder")
    var run = try pipeline.run(RunSettings(steps: 2, threads: 1, prompts: ["cat"], guidanceScale: scale))
    let found = try #require(try run.step().nonFinite)
    #expect(found.origin == .conditioning("encoder_hidden_states"))
    #expect(found.description.hasPrefix("encoder_hidden_states, an input of the network: "))
    #expect(try run.step().nonFinite?.origin == .sample)
  }

  @Test("a layer of the decoder")
  func decoder() throws {
    let pipeline = try AlteredModel.stableDiffusion(overflowing: "decoder.mid_block.resnets.0.conv1.weight", of: "vae")
    var run = try pipeline.run(RunSettings(steps: 1, threads: 1, prompts: ["cat"]))
    #expect(try run.step().nonFinite == nil)
    let images = try run.images(of: run.sample)
    let found = try #require(try run.nonFiniteLayer(behind: images, of: run.sample, progress: nil))
    #expect(found.origin == .layer("vae.decoder.mid_block.resnets.0.conv1"))
    #expect(try run.nonFiniteLayer(behind: images, of: run.sample.map { _ in .nan }, progress: nil) == nil)
    #expect(throws: Stop.self) { try run.firstNonFiniteLayer(decoding: run.sample) { _ in throw Stop() } }
  }

  @Test("the image of a batch whose decoding overflows")
  func image() throws {
    let pipeline = try DiffusionPipeline.fromPretrained("\(Fixtures.folder)/stable-diffusion/sd1", threads: 1)
    let run = try pipeline.run(RunSettings(steps: 1, threads: 1, prompts: ["cat"]))
    let small = run.sample, huge = small.map { _ in Float(3e38) }
    let two = Tensor(unchecked: [2] + small.shape.dropFirst(), small.scalars + huge.scalars)
    #expect(try run.firstNonFiniteLayer(decoding: two, progress: nil)?.index.first == 1)
    #expect(try run.firstNonFiniteLayer(decoding: small, progress: nil) == nil)
  }

  @Test("a search that is cancelled leaves the run unchanged")
  func cancellation() throws {
    let pipeline = try AlteredModel.pipeline("two-levels", filling: "conv_out.weight", with: 3e38)
    var run = try pipeline.run(RunSettings(steps: 2, eta: 1, threads: 1))
    #expect(throws: Stop.self) { try run.step { if $0.completed == $0.total { throw Stop() } } }
    #expect(run.completedSteps == 0)
    var runs = [run]
    #expect(throws: Stop.self) { try DenoisingRun.step(&runs) { if $0.completed == $0.total { throw Stop() } } }
    var fresh = try pipeline.run(RunSettings(steps: 2, eta: 1, threads: 1))
    let (step, expected) = (try run.step(), try fresh.step())
    #expect(step.prevSample.isBitEqual(to: expected.prevSample))
    #expect(step.varianceNoise == expected.varianceNoise)
  }
}
