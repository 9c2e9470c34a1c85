import DiffusionCore
import TestSupport
import Testing

/// `pipeline(...)` as in Diffusers, compared with Diffusers' images.
@Suite struct PipelineCallTests {
  private func expected(_ fixture: PipelineFixture) throws -> Tensor<Float> {
    try TensorFile("pipelines/\(fixture.name).safetensors").floats("images")
  }

  /// The call has no options of schedulers.
  private static func fixtures() throws -> [PipelineFixture] {
    try PipelineFixture.all().filter { $0.name != "demo" && $0.schedulerOptions == nil }
  }

  @Test(arguments: try fixtures().filter { $0.seeds.count == 1 })
  func oneGenerator(fixture: PipelineFixture) throws {
    let generator = Generator(device: .cpu).manualSeed(Seed(fixture.seeds[0]))
    let output = try fixture.open(threads: 2)(
      batchSize: fixture.batchSize, generator: generator, eta: fixture.eta, numInferenceSteps: fixture.steps)
    #expect(largestDifference(output.images, try expected(fixture)) <= PipelineConformanceTests.tolerance)
    #expect(output.seed == Seed(fixture.seeds[0]))
  }

  @Test(arguments: try fixtures().filter { $0.seeds.count > 1 })
  func aListOfGenerators(fixture: PipelineFixture) throws {
    let generators = fixture.seeds.map { Generator(device: .cpu).manualSeed(Seed($0)) }
    let output = try fixture.open(threads: 2)(
      batchSize: fixture.batchSize, generators: generators, eta: fixture.eta, numInferenceSteps: fixture.steps)
    #expect(largestDifference(output.images, try expected(fixture)) <= PipelineConformanceTests.tolerance)
  }
}
