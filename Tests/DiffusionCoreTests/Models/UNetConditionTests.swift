import DiffusionCore
import Synchronization
import TestSupport
import Testing

/// The conditional UNet against Diffusers on PyTorch, and against itself on other devices.
@Suite struct UNetConditionTests {
  /// Relative to the largest value of a tensor. Torch's own error against binary64 is up to 4e-6 here.
  static let tolerance = 2e-5
  static let devices = Device.available.filter { $0 != .cpuReference }

  private func difference<Scalar>(_ output: Tensor<Float>, _ expected: Tensor<Scalar>) -> Double {
    let largest = expected.scalars.reduce(0) { max($0, abs($1.doubleValue)) }
    return largestDifference(output, expected) / largest
  }

  @Test(arguments: UNetConditionFixture.names)
  func agreesWithDiffusers(name: String) throws {
    let fixture = try UNetConditionFixture(name)
    for item in fixture.cases {
      let output = try fixture.unet(item.input)
      #expect(difference(output, item.output) <= Self.tolerance, "\(item.name), against torch")
      #expect(difference(output, item.output64) <= Self.tolerance, "\(item.name), against binary64")
    }
  }

  @Test(arguments: UNetConditionFixture.names)
  func agreesWithDiffusersStageByStage(name: String) throws {
    let fixture = try UNetConditionFixture(name), item = fixture.cases[0]
    // Images with masks of their own run one after another.
    let isMasked = item.input.conditioning.encoderAttentionMask != nil
    let inputs = isMasked ? try (0..<2).map { try UNetConditionFixture.image($0, of: item.input) } : [item.input]
    #expect(fixture.stages.count > 4)
    for (place, input) in inputs.enumerated() {
      let layers = Mutex<[(name: String, output: Tensor<Float>)]>([])
      _ = try fixture.unet.predict(input, observer: { name, output in layers.withLock { $0.append((name, output)) } })
      let observed = layers.withLock { $0 }
      for (stage, expected) in fixture.stages {
        // A block ends with the last of its layers.
        let last = observed.last { $0.name == stage || $0.name.hasPrefix("\(stage).") }
        let output = try #require(last?.output, "\(stage)")
        let own = isMasked ? try expected.images(place..<place + 1) : expected
        #expect(difference(output, own) <= Self.tolerance, "\(stage)")
      }
    }
  }

  @Test(arguments: UNetConditionFixture.mapped)
  func attentionMapsAgreeWithDiffusers(name: String) throws {
    let fixture = try UNetConditionFixture(name), item = fixture.cases[0], shape = item.input.sample.shape
    let maps = try fixture.unet.attentionMaps(item.input)
    let cross = maps.layers.filter { $0.name.hasSuffix(".attn2") }
    #expect(cross.count == fixture.maps.count && Set(cross.map(\.name)) == Set(fixture.maps.keys))
    // Weights of 1 at most, whose scores come from all layers before.
    for layer in cross {
      #expect(largestDifference(layer.weights, try #require(fixture.maps[layer.name])) <= 1e-4, "\(layer.name)")
    }
    let average = try #require(maps.average(height: shape[2], width: shape[3])), pixels = shape[2] * shape[3]
    #expect(average.shape == [2, 5, shape[2], shape[3]])
    for image in 0..<2 {
      for pixel in 0..<pixels {
        let total = (0..<5).reduce(0.0) { $0 + Double(average.scalars[(image * 5 + $1) * pixels + pixel]) }
        #expect(abs(total - 1) < 1e-5)
      }
    }
    // At its own size, a layer's maps are averaged pixel by pixel.
    let first = AttentionMaps(layers: [maps.layers[0]]), own = maps.layers[0].weights
    #expect(first.average(height: own.shape[2], width: own.shape[3]) == own)
    #expect(first.average(height: 2 * own.shape[2], width: own.shape[3])?.scalars.reduce(0, +) ?? 0 > 0)
  }

  @Test(arguments: UNetConditionFixture.names)
  func devicesThreadsAndBatchesGiveTheSameBits(name: String) throws {
    let reference = try UNetConditionFixture(name, device: .cpuReference, threads: 1)
    let expected = try reference.cases.map { try reference.unet($0.input) }
    for device in Self.devices {
      for threads in [1, 3] {
        let unet = try reference.unet.on(device, threads: threads)
        for (item, expected) in zip(reference.cases, expected) {
          #expect(sameBits(try unet(item.input), expected), "\(device), \(threads) threads, \(item.name)")
        }
      }
      let unet = try reference.unet.on(device, threads: 2), item = reference.cases[2]
      for index in 0..<3 {
        let alone = try unet(UNetConditionFixture.image(index, of: item.input))
        #expect(sameBits(alone, try expected[2].images(index..<index + 1)), "\(device), image \(index)")
      }
    }
  }

  @Test func inputsOfSeveralRunsShareAPass() throws {
    for name in ["lcm", "classes", "class-projection"] {
      let fixture = try UNetConditionFixture(name), item = fixture.cases[2]
      let parts = try (0..<3).map { try UNetConditionFixture.image($0, of: item.input) }
      #expect(ModelInput.joined(parts) == item.input)
      #expect(Set(parts.map(ModelInput.BatchKey.init)).count == 1)
      var other = parts[0]
      other.conditioning.timestepConditioning = try Tensor(shape: [1, 2], scalars: [0, 0])
      #expect(ModelInput.BatchKey(other) != ModelInput.BatchKey(parts[0]))
    }
  }

  @Test(arguments: UNetConditionFixture.names)
  func describesEachLayerThatRuns(name: String) throws {
    let fixture = try UNetConditionFixture(name), item = fixture.cases[0]
    let profiler = LayerProfiler(clock: ContinuousClock())
    _ = try fixture.unet.predict(item.input, profiler: profiler)
    let described = try describe(item, by: fixture.unet)
    let flops = Dictionary(described.map { ($0.name, $0.flops) }) { $0 + $1 }
    let isMasked = item.input.conditioning.encoderAttentionMask != nil
    for timing in profiler.timings where ![.activation, .layerNorm, .groupNorm].contains(timing.work.kind) {
      // Images with masks of their own run one after another, with texts of their own lengths.
      if isMasked { continue }
      // Two images: the first case has a batch of two.
      #expect(flops[timing.work.name].map { 2 * $0 } == timing.work.flops, "\(timing.work.name)")
    }
    let ran = Set(profiler.timings.map(\.work.name))
    #expect(described.allSatisfy { ran.contains($0.name) || $0.kind == "Embedding" })
    let odd = LayerProfiler(clock: ContinuousClock())
    _ = try fixture.unet.predict(fixture.cases[3].input, profiler: odd)
    let shapes = Dictionary(grouping: try describe(fixture.cases[3], by: fixture.unet), by: \.name)
    for timing in odd.timings where timing.work.kind != .activation {
      #expect(shapes[timing.work.name]?.first?.outputShape == Array(timing.work.outputShape.dropFirst()))
    }
  }

  private func describe(_ item: UNetConditionFixture.Case, by unet: UNet2DConditionModel) throws -> [LayerDescription] {
    let shape = item.input.sample.shape, tokens = item.input.conditioning.encoderHiddenStates?.shape[1] ?? 0
    return try unet.describe(height: shape[2], width: shape[3], tokens: tokens).layers
  }

  @Test func reportsEachBlockInOrder() throws {
    let fixture = try UNetConditionFixture("deep")
    var told: [ForwardProgress] = []
    _ = try fixture.unet(fixture.cases[0].input) { told.append($0) }
    #expect(told.map(\.completed) == Array(0..<told.count))
    #expect(told.allSatisfy { $0.total == told.count } && Set(told.map(\.block)).count == told.count)
    #expect(told.contains { $0.block == "down_blocks.1.attentions.1" })
  }

  @Test func namesTheFirstLayerThatIsNotFinite() throws {
    let fixture = try UNetConditionFixture("sd1")
    var input = fixture.cases[0].input
    #expect(try fixture.unet.firstNonFiniteLayer(input) == nil)
    var states = try #require(input.conditioning.encoderHiddenStates)
    states = try Tensor(shape: states.shape, scalars: [.infinity] + states.scalars.dropFirst())
    input.conditioning.encoderHiddenStates = states
    let layer = try #require(try fixture.unet.firstNonFiniteLayer(input))
    #expect(layer.name.hasPrefix("down_blocks.0.attentions.0.transformer_blocks.0.attn2."), "\(layer)")
  }
}
