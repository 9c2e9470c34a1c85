import DiffusionCore
import TestSupport
import Testing

/// The behaviour of ``DDIMPipeline`` with generators, settings and cancellation; its numbers are covered by the
/// conformance tests.
@Suite("DDIMPipeline draws as Diffusers draws")
struct DDIMPipelineTests {
  private func pipeline() throws -> DiffusionPipeline {
    try DDIMPipeline.fromPretrained(Fixtures.folder + "/unet/one-level", threads: 1)
  }

  private func generator(_ seed: Seed, _ device: Generator.Device = .cpu) -> Generator {
    Generator(device: device).manualSeed(seed)
  }

  @Test("without a generator a random seed is drawn, and the output carries it")
  func randomSeed() throws {
    let pipeline = try pipeline()
    let output = try pipeline(numInferenceSteps: 2)
    #expect(try pipeline(numInferenceSteps: 2, generator: generator(output.seed)).images == output.images)
    #expect(try pipeline(numInferenceSteps: 2).seed != output.seed)
  }

  @Test("eta 0 consumes one tensor, eta above 0 one more each step, the last included", arguments: [0, 0.5] as [Float])
  func consumption(eta: Float) throws {
    let pipeline = try pipeline()
    let (used, reference) = (generator(5), generator(5))
    let shape = try pipeline.run(RunSettings(threads: 1)).initialNoise.shape
    _ = try pipeline(generator: used, eta: eta, numInferenceSteps: 3)
    for _ in 0..<(eta > 0 ? 4 : 1) { let _: Tensor<Float> = try reference.randn(shape) }
    #expect(used.getState() == reference.getState())
  }

  @Test("a list of generators gives the same images as each alone", arguments: [0, 1] as [Float])
  func list(eta: Float) throws {
    let pipeline = try pipeline()
    let batch = try pipeline(batchSize: 2, generators: [generator(1), generator(2)], eta: eta, numInferenceSteps: 2)
    let alone = try [1, 2].flatMap {
      try pipeline(generator: generator($0), eta: eta, numInferenceSteps: 2).images.scalars
    }
    #expect(batch.images.scalars == alone)
    var run = try pipeline.run(RunSettings(seeds: [1, 2], steps: 2, eta: eta, threads: 1))
    while !run.isFinished { _ = try run.step() }
    #expect(try run.output().images == batch.images)
  }

  @Test("a list whose length is not the batch size is refused")
  func listLength() throws {
    let error = #expect(throws: DiffusionError.self) { try pipeline()(batchSize: 3, generators: [generator(1)]) }
    #expect(error?.message.hasPrefix("You have passed a list of generators of length 1, but requested") == true)
  }

  @Test("a CUDA generator is refused as in Diffusers, but settings draw with it and move the noise")
  func cuda() throws {
    let pipeline = try pipeline()
    let error = #expect(throws: DiffusionError.self) { try pipeline(generator: generator(0, .cuda())) }
    #expect(error?.message == "Cannot generate a cpu tensor from a generator of type cuda.")
    let noise = try pipeline.run(RunSettings(generatorDevice: .cuda, threads: 1)).initialNoise
    let expected: Tensor<Float> = try generator(0, .cuda()).randn(noise.shape)
    #expect(noise == expected)
    #expect(try pipeline.run(RunSettings(threads: 1)).initialNoise != expected)
  }

  @Test("a step that is cancelled in the UNet can be taken again with the same result")
  func cancellation() throws {
    struct Stop: Error {}
    let settings = RunSettings(steps: 3, eta: 1, threads: 1)
    var cancelled = try pipeline().run(settings)
    var whole = try pipeline().run(settings)
    while !whole.isFinished {
      #expect(throws: Stop.self) { try cancelled.step { if $0.completed == 2 { throw Stop() } } }
      #expect(try cancelled.step().prevSample == whole.step().prevSample)
    }
  }
}
