import DiffusionCore
import TestSupport
import Testing

@Suite("A run that starts from a part of its generators' numbers")
struct NoiseSelectionTests {
  private func run(
    _ seeds: [Seed] = [3], batchSize: Int = 1, eta: Float = 0, call: Int = 1, image: Int? = nil
  ) throws -> DenoisingRun {
    let pipeline = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1)
    return try pipeline.run(
      RunSettings(
        seeds: seeds, batchSize: batchSize, steps: 2, eta: eta, threads: 1,
        selection: NoiseSelection(call: call, image: image)))
  }

  private func finalSample(_ run: DenoisingRun) throws -> Tensor<Float> {
    var run = run
    while !run.isFinished { _ = try run.step() }
    return run.sample
  }

  @Test("has at call 2 the generator's next tensor") func laterCall() throws {
    let first = try run(), generator = Generator(device: .cpu).manualSeed(3)
    for call in 1...3 {
      let drawn: Tensor<Float> = try generator.randn(first.initialNoise.shape)
      #expect(try run(call: call).initialNoise.isBitEqual(to: drawn))
    }
  }

  @Test("of one image has the same bits as among the others", arguments: [Float(0), 1])
  func image(eta: Float) throws {
    for seeds in [[3], [3, 4]] as [[Seed]] {
      let batch = try finalSample(run(seeds, batchSize: 2, eta: eta))
      for image in 1...2 {
        let alone = try finalSample(run(seeds, batchSize: 2, eta: eta, image: image))
        #expect(alone.shape.first == 1)
        #expect(alone.isBitEqual(to: try batch.images(image - 1..<image)))
      }
    }
  }

  @Test("of image 2 is the second call of one generator, or the second seed of a list") func secondImage() throws {
    let second = try run(batchSize: 2, image: 2).initialNoise
    #expect(second.isBitEqual(to: try run(call: 2).initialNoise))
    let listed = try run([3, 4], image: 2).initialNoise
    #expect(listed.isBitEqual(to: try run([4]).initialNoise))
    #expect(!listed.isBitEqual(to: second))
  }

  @Test("is refused for a call or an image that does not exist", arguments: [(0, nil), (1001, nil), (1, 0), (1, 3)])
  func outOfRange(call: Int, image: Int?) {
    let error = #expect(throws: DiffusionError.self) { try run(batchSize: 2, call: call, image: image) }
    #expect(error?.kind == .usage)
    #expect(error?.message.contains("is not a whole number from 1 to \(image == nil ? 1000 : 2)") == true)
  }
}
