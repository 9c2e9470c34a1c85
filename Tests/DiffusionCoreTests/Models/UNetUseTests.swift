import DiffusionCore
import TestSupport
import Testing

/// Inputs that a UNet refuses, and its progress reports.
@Suite struct UNetUseTests {
  private struct Stop: Error {}

  @Test(arguments: [
    ([1, 3, 9, 8], "8 or 10"), ([1, 3, 8, 7], "6 or 8"), ([1, 3, 1, 8], "use 2"),
  ])
  func sizesThatTheLevelsDoNotDivide(shape: [Int], advice: String) throws {
    let unet = try UNetFixture("two-levels").unet
    let sample = try Tensor(shape: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
    let error = #expect(throws: DiffusionError.self) { try unet(sample, timestep: 0) }
    #expect(error?.message.contains(advice) == true, "\(error?.message ?? "")")
  }

  @Test(arguments: [[1, 2, 8, 8], [1, 4, 8, 8], [1, 3, 0, 8], [0, 3, 8, 8], [3, 8, 8], [1, 1, 3, 8, 8]])
  func samplesOfAnotherShape(shape: [Int]) throws {
    let unet = try UNetFixture("two-levels").unet
    let sample = try Tensor(shape: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
    #expect(throws: DiffusionError.self) { try unet(sample, timestep: 0) }
  }

  @Test(arguments: [0x1p63, -0x1p63, 1_048_577] as [Float])
  func timestepsBeyondTheSines(timestep: Float) throws {
    let unet = try UNetFixture("two-levels").unet
    let sample = try Tensor(shape: [1, 3, 8, 8], scalars: [Float](repeating: 0, count: 192))
    let error = #expect(throws: DiffusionError.self) { try unet(sample, timestep: timestep) }
    #expect(error?.message.contains(timestep.wholeText) == true)
  }

  @Test(arguments: [
    ("classes", nil as [Int]?, "the model takes a class label for each of 1 images: found 0"),
    ("classes", [1, 2], "found 2"), ("classes", [7], "class label 7 is out of range: expected 0 to 6"),
    ("classes", [-1], "class label -1 is out of range"), ("class-timestep", [1 << 40], "is out of range"),
    ("learned", [1000], "timestep 1000: the model has learned those of a table: expected a whole number from 0 to 999"),
    ("class-identity", [1], "the model takes no class labels"),
    ("class-identity", nil, "the model takes class embeddings: expected [1, 12], found none"),
    ("two-levels", [1], "the model takes no class labels"),
  ])
  func labelsThatDoNotFit(name: String, labels: [Int]?, words: String) throws {
    let unet = try UNetFixture(name).unet
    var input = ModelInput(
      sample: try Tensor(shape: [1, 3, 8, 8], scalars: [Float](repeating: 0, count: 192)), timestep: 1)
    input.conditioning.classLabels = labels
    let error = #expect(throws: DiffusionError.self) { try unet(input) }
    #expect(error?.kind == .usage && error?.message.contains(words) == true, "\(error?.message ?? "")")
  }

  @Test func promptsOfAnUnconditionalModel() throws {
    let fixture = try UNetFixture("two-levels"), item = try #require(fixture.cases.first)
    var input = item.input
    input.conditioning.encoderHiddenStates = try Tensor(shape: [1, 2, 3], scalars: [Float](repeating: 0, count: 6))
    let error = #expect(throws: DiffusionError.self) { try fixture.unet(input) }
    #expect(error?.message == "the model takes no prompt: it is unconditional")
  }

  @Test func timestepsThatALearnedEmbeddingLacks() throws {
    let fixture = try UNetFixture("learned"), item = try #require(fixture.cases.first)
    for timestep in [-1, 0.5, 1000, Float.nan] {
      var input = item.input
      input.timestep = timestep
      let error = #expect(throws: DiffusionError.self) { try fixture.unet(input) }
      #expect(error?.message.contains("timestep \(timestep.wholeText)") == true, "\(error?.message ?? "")")
    }
  }

  @Test func noiseLevelsWithoutALogarithmGiveNaN() throws {
    let fixture = try UNetFixture("fourier"), item = try #require(fixture.cases.first)
    for level in [0, -1, Float.nan, .infinity] {
      let output = try fixture.unet(item.sample, timestep: level)
      #expect(output.scalars.allSatisfy { $0.isNaN }, "\(level)")
    }
  }

  @Test func otherSizesThanItWasTrainedOn() throws {
    let fixture = try UNetFixture("two-levels")
    let sample = try Tensor(shape: [1, 3, 4, 16], scalars: [Float](repeating: 0.5, count: 192))
    #expect(try fixture.unet(sample, timestep: 10).shape == [1, 3, 4, 16])
  }

  @Test func reportsEachBlockInOrder() throws {
    let fixture = try UNetFixture("four-levels")
    let item = try #require(fixture.cases.first)
    var told: [ForwardProgress] = []
    let output = try fixture.unet(item.sample, timestep: item.timestep) { told.append($0) }
    #expect(told.map(\.completed) == Array(0..<told.count))
    #expect(told.allSatisfy { $0.total == told.count })
    #expect(Set(told.map(\.block)).count == told.count)
    for prefix in ["down_blocks.0", "down_blocks.3", "mid_block", "up_blocks.0", "up_blocks.3"] {
      #expect(told.contains { $0.block.hasPrefix(prefix) }, "\(prefix)")
    }
    #expect(sameBits(output, try fixture.unet(item.sample, timestep: item.timestep)))
  }

  @Test func stopsWhereProgressThrows() throws {
    let fixture = try UNetFixture("two-levels")
    let item = try #require(fixture.cases.first)
    let before = try fixture.unet(item.sample, timestep: item.timestep)
    var blocks = 0
    #expect(throws: Stop.self) {
      try fixture.unet(item.sample, timestep: item.timestep) { _ in
        blocks += 1
        if blocks == 3 { throw Stop() }
      }
    }
    #expect(blocks == 3)
    #expect(sameBits(try fixture.unet(item.sample, timestep: item.timestep), before))
  }
}
