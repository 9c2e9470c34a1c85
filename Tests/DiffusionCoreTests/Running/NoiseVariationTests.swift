import DiffusionCore
import Glibc
import TestSupport
import Testing

@Suite("Noise interpolated towards another seed's")
struct NoiseVariationTests {
  private func noise(_ seed: Seed, _ shape: [Int] = [2, 3, 8, 8]) throws -> Tensor<Float> {
    try Generator(device: .cpu).manualSeed(seed).randn(shape)
  }

  private func pipeline() throws -> DiffusionPipeline {
    try .fromPretrained("\(Fixtures.folder)/unet/two-levels", threads: 1)
  }

  private func initialNoise(
    _ seeds: [Seed], batchSize: Int = 1, generatorDevice: GeneratorDevice = .cpu, towards seed: Seed? = nil,
    strength: Double = 0
  ) throws -> Tensor<Float> {
    let settings = RunSettings(
      seeds: seeds, batchSize: batchSize, generatorDevice: generatorDevice, threads: 1,
      variation: seed.map { NoiseVariation(seed: $0, strength: strength) })
    return try pipeline().run(settings).initialNoise
  }

  @Test("is the run's own at strength 0 and the other's at 1, to the bit", arguments: GeneratorDevice.allCases)
  func ends(device: GeneratorDevice) throws {
    for (seeds, others) in [([3] as [Seed], [9] as [Seed]), ([3, 4], [9, 9])] {
      let own = try initialNoise(seeds, generatorDevice: device),
        other = try initialNoise(others, generatorDevice: device)
      #expect(try initialNoise(seeds, generatorDevice: device, towards: 9, strength: 0).isBitEqual(to: own))
      #expect(try initialNoise(seeds, generatorDevice: device, towards: 9, strength: 1).isBitEqual(to: other))
      #expect(!own.isBitEqual(to: other))
    }
  }

  @Test("is the same for an image in a list of generators and alone")
  func list() throws {
    let list = try initialNoise([3, 4], towards: 9, strength: 0.3)
    for (image, seed) in [3, 4].enumerated() {
      let alone = try initialNoise([Seed(seed)], towards: 9, strength: 0.3)
      #expect(try list.images(image..<image + 1).isBitEqual(to: alone))
    }
  }

  @Test("interpolates each image of a batch towards its own part of the other batch")
  func batch() throws {
    let found = try initialNoise([3], batchSize: 2, towards: 9, strength: 0.5)
    let (own, other) = (try noise(3), try noise(9))
    for image in 0..<2 {
      let variation = NoiseVariation(seed: 9, strength: 0.5)
      let expected = try variation.applied(
        to: own.images(image..<image + 1), towards: other.images(image..<image + 1))
      #expect(try found.images(image..<image + 1).isBitEqual(to: expected))
    }
  }

  @Test("is Shoemake's formula, to the last place", arguments: [0.001, 0.25, 0.5, 0.9, 0.999])
  func accuracy(strength: Double) throws {
    let (own, other) = (try noise(0, [1, 3, 16, 16]), try noise(1, [1, 3, 16, 16]))
    let found = try NoiseVariation(seed: 1, strength: strength).applied(to: own, towards: other)
    let pairs = zip(own.scalars.map(Float80.init), other.scalars.map(Float80.init))
    let dot = pairs.reduce(0) { $0 + $1.0 * $1.1 }
    let lengths = pairs.reduce((0, 0) as (Float80, Float80)) { ($0.0 + $1.0 * $1.0, $0.1 + $1.1 * $1.1) }
    let angle = Glibc.acos(dot / (lengths.0.squareRoot() * lengths.1.squareRoot()))
    let (keep, take) = (Glibc.sin((1 - Float80(strength)) * angle), Glibc.sin(Float80(strength) * angle))
    for (value, pair) in zip(found.scalars, pairs) {
      let expected = (keep * pair.0 + take * pair.1) / Glibc.sin(angle)
      // Half a unit is the rounding to binary32; where the terms cancel, the error of each of them shows.
      let ulp = Float80(Float(max(abs(expected), 0x1p-20)).ulp)
      #expect(abs(Float80(value) - expected) <= 0.5001 * ulp)
    }
  }

  @Test("has the recorded bits")
  func bits() throws {
    let varied = try NoiseVariation(seed: 1, strength: 0.3).applied(to: noise(0), towards: noise(1))
    #expect(ContentHash.sha256(varied) == "09268461f13d35a51eb497c27be772a9eef13e6a684389e8b9bab34d42eb6d28")
  }

  @Test("keeps the length that a model expects")
  func length() throws {
    let shape = [1, 3, 32, 32]
    let varied = try NoiseVariation(seed: 1, strength: 0.5).applied(to: noise(0, shape), towards: noise(1, shape))
    #expect(abs(TensorStatistics(of: varied).std - 1) < 0.02)
  }

  @Test("is linear if there is no angle: towards itself, and with one element")
  func degenerate() throws {
    let own = try noise(5)
    #expect(largestDifference(try NoiseVariation(seed: 5, strength: 0.3).applied(to: own, towards: own), own) < 1e-6)
    let (one, other) = (Tensor<Float>(unchecked: [1, 1], [1]), Tensor<Float>(unchecked: [1, 1], [-3]))
    #expect(try NoiseVariation(seed: 0, strength: 0.25).applied(to: one, towards: other).scalars == [0])
    let zero = Tensor<Float>(unchecked: [1, 2], [0, 0]), some = Tensor<Float>(unchecked: [1, 2], [4, 8])
    #expect(try NoiseVariation(seed: 0, strength: 0.25).applied(to: zero, towards: some).scalars == [1, 2])
  }

  @Test("with an invalid strength is refused by name", arguments: [-0.1, 1.5, .nan, .infinity])
  func strengths(strength: Double) throws {
    let error = #expect(throws: DiffusionError.self) { try initialNoise([1], towards: 2, strength: strength) }
    #expect(error?.kind == .usage)
    #expect(error?.message.hasPrefix("variation_strength \(strength) is not") == true)
  }

  @Test("of another shape is refused")
  func shapes() throws {
    let variation = NoiseVariation(seed: 0, strength: 0.5)
    let error = #expect(throws: DiffusionError.self) { try variation.applied(to: noise(0), towards: noise(0, [1, 2])) }
    #expect(error?.message.hasPrefix("the noise of variation_seed has shape [1, 2]") == true)
  }

  @Test("does not draw more from the run's own generators: the noise of eta stays the same")
  func eta() throws {
    func second(_ variation: NoiseVariation?) throws -> Tensor<Float> {
      let noise = CountingNoise()
      let settings = RunSettings(steps: 2, eta: 1, threads: 1, variation: variation)
      var run = try DenoisingRun(
        model: AnalyticModel(), scheduler: DDIMScheduler(), sampleShape: [1, 4, 4], settings: settings,
        noise: noise.source)
      _ = try run.step()
      #expect(noise.draws == 2)
      return run.initialNoise
    }
    #expect(try !second(nil).isBitEqual(to: second(NoiseVariation(seed: 4, strength: 0.5))))
  }
}
