import DiffusionCore
import TestSupport
import Testing

/// Whole runs against Diffusers on PyTorch.
@Suite struct PipelineConformanceTests {
  static let tolerance = 1e-4

  @Test(arguments: try PipelineFixture.all())
  func agreesWithDiffusers(fixture: PipelineFixture) throws {
    let file = try TensorFile("pipelines/\(fixture.name).safetensors")
    let (run, found) = try fixture.finished(), last = try #require(found)
    let expected = try file.floats("prev_sample")
    let scale = expected.scalars.reduce(1) { max($0, Double(abs($1))) }
    #expect(largestDifference(last.prevSample, expected) <= Self.tolerance * scale)
    let made = fixture.pipeline == nil ? try images(of: last.prevSample) : try run.output().images
    #expect(largestDifference(made, try file.floats("images")) <= Self.tolerance)
  }

  /// Diffusers' `tests/pipelines/ddim/test_ddim.py`, `test_inference`: `image[0, -3:, -3:, -1]`, within its own 1e-3.
  @Test func agreesWithThePublishedSlice() throws {
    let published = [0.0, 9.979e-01, 0.0, 9.999e-01, 9.986e-01, 9.991e-01, 7.106e-04, 0.0, 0.0]
    let fixture = try #require(try PipelineFixture.all().first { $0.name == "published" })
    let image = try images(of: #require(try fixture.last()).prevSample)
    try #require(image.shape == [1, 8, 8, 3])
    let slice = (5..<8).flatMap { row in (5..<8).map { column in image.scalars[(row * 8 + column) * 3 + 2] } }
    #expect(zip(slice, published).allSatisfy { abs(Double($0) - $1) <= 1e-3 })
  }

  @Test(arguments: try PipelineFixture.all().filter { $0.batchSize == 2 && $0.seeds.count == 2 })
  func aListOfGeneratorsDrawsEachImageAlone(fixture: PipelineFixture) throws {
    let together = try #require(try fixture.last()).prevSample
    for (index, seed) in fixture.seeds.enumerated() {
      let pipeline = try fixture.open(threads: 1)
      var settings = fixture.settings(threads: 1)
      (settings.seeds, settings.batchSize) = ([Seed(seed)], 1)
      var run = try pipeline.run(settings)
      while !run.isFinished {
        let step = try run.step()
        if run.isFinished { #expect(sameBits(try together.images(index..<index + 1), step.prevSample)) }
      }
    }
  }

  @Test(arguments: try PipelineFixture.all().filter { !$0.name.hasPrefix("demo") })
  func theBitsDependOnTheSettingsAlone(fixture: PipelineFixture) throws {
    let expected = try #require(try fixture.last(device: .cpuReference, threads: 1)).prevSample
    #expect(sameBits(try #require(try fixture.last(threads: 3)).prevSample, expected))
  }
}
