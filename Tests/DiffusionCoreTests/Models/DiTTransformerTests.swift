import DiffusionCore
import Foundation
import TestSupport
import Testing

/// DiT's transformer against Diffusers on PyTorch, and against itself on other devices.
@Suite struct DiTTransformerTests {
  /// Relative to the largest value of a tensor. Torch's own error against binary64 is up to 1.4e-6 here.
  static let tolerance = 2e-5
  static let devices = Device.available.filter { $0 != .cpuReference }

  private func difference<Scalar>(_ output: Tensor<Float>, _ expected: Tensor<Scalar>) -> Double {
    let largest = expected.scalars.reduce(0) { max($0, abs($1.doubleValue)) }
    return largestDifference(output, expected) / largest
  }

  @Test(arguments: DiTFixture.names)
  func agreesWithDiffusers(name: String) throws {
    let fixture = try DiTFixture(name)
    for item in fixture.cases {
      let output = try fixture.model(item.input)
      let (torch, exact) = (difference(output, item.output), difference(output, item.output64))
      #expect(output.shape == item.output.shape && torch <= Self.tolerance, "\(item.name), against torch")
      #expect(exact <= Self.tolerance, "\(item.name), against binary64")
      print("measured: dit \(name) \(item.name): \(torch) of torch, \(exact) of binary64 (limit \(Self.tolerance))")
    }
  }

  @Test(arguments: DiTFixture.names)
  func positionsAreThoseOfDiffusers(name: String) throws {
    let fixture = try DiTFixture(name), config = fixture.model.config
    let patches = try PatchEmbedding(
      "pos_embed", inputChannels: config.inChannels, channels: config.innerDim, patchSize: config.patchSize,
      side: config.side,
      from: ParameterReader(
        ParameterStore(opening: "\(Fixtures.folder)/dit/\(name)/diffusion_pytorch_model.safetensors"),
        context: ComputeContext(device: .cpu, threads: 1)))
    let found = patches.positions(config.side)
    #expect(found.count == fixture.positions.count)
    // Diffusers computes them in binary64 as well, with another sine: at most the last bit differs.
    #expect(zip(found, fixture.positions.scalars).allSatisfy { abs($0 - $1) <= 0x1p-24 })
  }

  @Test(arguments: DiTFixture.names)
  func devicesThreadsAndBatchesGiveTheSameBits(name: String) throws {
    let reference = try DiTFixture(name, device: .cpuReference, threads: 1)
    let expected = try reference.cases.map { try reference.model($0.input) }
    for device in Self.devices {
      for threads in [1, 3] {
        let model = try reference.model.on(device, threads: threads)
        for (item, expected) in zip(reference.cases, expected) {
          #expect(sameBits(try model(item.input), expected), "\(device), \(threads) threads, \(item.name)")
        }
      }
      let model = try reference.model.on(device, threads: 2), input = reference.cases[2].input
      for index in 0..<3 {
        var alone = input
        alone.sample = try input.sample.images(index..<index + 1)
        alone.conditioning.classLabels = input.conditioning.classLabels.map { [$0[index]] }
        #expect(sameBits(try model(alone), try expected[2].images(index..<index + 1)), "\(device), image \(index)")
      }
    }
  }

  @Test(arguments: DiTFixture.names)
  func describesEachLayerThatRuns(name: String) throws {
    let fixture = try DiTFixture(name), profiler = LayerProfiler(clock: ContinuousClock())
    _ = try fixture.model.predict(fixture.cases[0].input, profiler: profiler)
    let description = fixture.model.describe()
    let described = Dictionary(grouping: description.layers, by: \.name)
    for timing in profiler.timings {
      let layer = try #require(described[timing.work.name]?.first, "\(timing.work.name)")
      #expect(layer.outputShape == Array(timing.work.outputShape.dropFirst()), "\(layer.name)")
      // Two images: the first case has a batch of two.
      #expect(2 * layer.flops == timing.work.flops, "\(layer.name)")
    }
    let ran = Set(profiler.timings.map(\.work.name))
    #expect(description.layers.allSatisfy { ran.contains($0.name) || $0.kind == "Embedding" })
    // Behind the length of the header and the header there are the weights alone, two bytes each.
    let file = try Data(
      contentsOf: URL(filePath: "\(Fixtures.folder)/dit/\(name)/diffusion_pytorch_model.safetensors"))
    let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(description.parameterCount == (file.count - 8 - header) / 2)
  }

  @Test(arguments: DiTFixture.names)
  func aDeviceWithMemoryOfItsOwnGivesTheSameBits(name: String) throws {
    let fixture = try DiTFixture(name), backend = try #require(RemoteBackend())
    let entry = DeviceEntry(name: "remote", instructionSet: { _ in "remote" }) { _, _ in backend }
    let model = try fixture.model.on(Device(entry), threads: 1), constants = backend.bufferCount
    for item in fixture.cases {
      #expect(sameBits(try model(item.input), try fixture.model(item.input)), "\(item.name)")
    }
    #expect(backend.waitingCount == 0 && backend.bufferCount == constants)
  }

  @Test func reportsEachBlockInOrder() throws {
    let fixture = try DiTFixture("plain")
    var told: [ForwardProgress] = []
    _ = try fixture.model(fixture.cases[0].input) { told.append($0) }
    #expect(told.map(\.block) == ["pos_embed", "transformer_blocks.0", "transformer_blocks.1", "proj_out"])
    #expect(told.map(\.completed) == Array(0..<4) && told.allSatisfy { $0.total == 4 })
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try fixture.model(fixture.cases[0].input) { if $0.completed == 2 { throw Stop() } }
    }
  }

  @Test func namesTheFirstLayerThatIsNotFinite() throws {
    let fixture = try DiTFixture("plain")
    let input = fixture.cases[0].input
    #expect(try fixture.model.firstNonFiniteLayer(input) == nil)
    var huge = input
    huge.sample = input.sample.map { _ in .greatestFiniteMagnitude }
    #expect(try fixture.model.firstNonFiniteLayer(huge)?.name == "pos_embed.proj")
  }

  @Test func refusesInputsThatDoNotFit() throws {
    let fixture = try DiTFixture("plain"), input = fixture.cases[1].input
    func message(_ change: (inout ModelInput) throws -> Void) throws -> String {
      var changed = input
      try change(&changed)
      return try #require(throws: DiffusionError.self) { try fixture.model(changed) }.message
    }
    for labels in [[6], [-1]] {
      #expect(try message { $0.conditioning.classLabels = labels }.contains("is out of range: expected 0 to 5"))
    }
    for labels in [nil, [], [1, 2]] as [[Int]?] {
      #expect(try message { $0.conditioning.classLabels = labels }.contains("a class label for each of 1 images"))
    }
    #expect(
      try message { $0.conditioning.encoderHiddenStates = Tensor(unchecked: [1, 1, 1], [0]) }.contains("no text"))
    for shape in [[1, 3, 8, 10], [1, 4, 8, 8], [1, 3, 9, 9], [1, 3, 0, 0], [0, 3, 8, 8], [3, 8, 8]] {
      let tensor = Tensor(unchecked: shape, [Float](repeating: 0, count: shape.reduce(1, *)))
      #expect(try message { $0.sample = tensor }.contains("does not fit the model"), "\(shape)")
    }
    #expect(try message { $0.timestep = 2_000_000 }.contains("timestep"))
  }

  @Test(
    "refuses configurations that make no DiT, in one line",
    arguments: [
      ("\"norm_type\": \"ada_norm_single\"", "norm_type 'ada_norm_single' is not supported: expected 'ada_norm_zero'"),
      ("\"norm_type\": \"layer_norm\"", "norm_type"), ("\"patch_size\": null", "patch_size is null"),
      ("\"num_embeds_ada_norm\": null", "num_embeds_ada_norm is null"), ("\"sample_size\": 33", "a multiple of"),
      ("\"sample_size\": 1", "a multiple of patch_size, 2"), ("\"activation_fn\": \"relu\"", "activation_fn is 'relu'"),
      ("\"attention_head_dim\": 3, \"num_attention_heads\": 2", "a multiple of 4"), ("\"num_layers\": 0", "1 to 1024"),
      ("\"num_attention_heads\": 1048576", "attention_head_dim"), ("\"norm_eps\": -1", "norm_eps"),
      ("\"out_channels\": 0", "out_channels"), ("\"in_channels\": \"4\"", "in_channels is '4'"),
    ])
  func refusedConfiguration(json: String, expected: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try DiTTransformer2DModelConfig(json: Array("{\(json)}".utf8), file: "x.json")
    }
    #expect(error.kind == .badData && error.message.hasPrefix("x.json: ") && error.message.contains(expected))
    #expect(!error.message.contains("\n"))
  }

  @Test func missingKeysHaveDiffusersDefaults() throws {
    #expect(try DiTTransformer2DModelConfig(json: Array("{}".utf8)) == DiTTransformer2DModelConfig())
  }
}
