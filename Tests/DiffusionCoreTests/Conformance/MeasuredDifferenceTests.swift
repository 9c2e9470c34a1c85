import DiffusionCore
import Foundation
import TestSupport
import Testing

/// The largest differences from Diffusers on PyTorch in the fixtures, printed for the README's table; each must be
/// within its limit. Their lines begin with `measured:`.
@Suite struct MeasuredDifferenceTests {
  private func report(_ what: String, _ value: Double, limit: Double) {
    print("measured: \(what): \(String(format: "%.2g", value)) (limit \(limit))")
    #expect(value <= limit, "\(what)")
  }

  @Test func forwardPass() throws {
    let differences = try UNetFixture.names.flatMap { name in
      let fixture = try UNetFixture(name)
      return try fixture.cases.map {
        largestDifference(try fixture.unet($0.input), $0.output)
      }
    }
    report("UNet, one forward pass", try #require(differences.max()), limit: 2e-5)
  }

  @Test func schedulerStep() throws {
    let fixtures = try SchedulerFixtures.load()
    let differences = try fixtures.chains.flatMap { chain in
      let inputs = try ChainInputs(fixtures: fixtures, chain: chain)
      return try chain.recorded.enumerated().map { slot, index in
        let sample = try inputs.recordedSample(slot)
        let output = try inputs.step(index, from: sample).prevSample.scalars
        let expected = inputs.arrays.floats(chain.prevSample)[slot * sample.count..<(slot + 1) * sample.count]
        return tolerancesOff(output, expected, absolute: try inputs.absoluteTolerance(index, sample))
      }
    }
    report("DDIM step, as a share of its tolerance", try #require(differences.max()), limit: 1)
  }

  @Test func imagesOfWholeRuns() throws {
    for fixture in try PipelineFixture.all() where fixture.name.hasPrefix("demo") {
      let image = try images(of: #require(try fixture.last()).prevSample)
      let expected = try TensorFile("pipelines/\(fixture.name).safetensors").floats("images")
      report("demo model, \(fixture.steps) steps, every pixel", largestDifference(image, expected), limit: 1e-4)
    }
  }
}
