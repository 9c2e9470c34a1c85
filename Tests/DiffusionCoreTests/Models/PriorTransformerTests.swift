import DiffusionCore
import Foundation
import Synchronization
import TestSupport
import Testing

/// unCLIP's prior against Diffusers on PyTorch, and against itself on other devices.
@Suite struct PriorTransformerTests {
  /// Relative to the largest value of a tensor. Torch's own error against binary64 is up to 7e-7 here.
  static let tolerance = 2e-5
  static let devices = Device.available.filter { $0 != .cpuReference }

  private func difference<Scalar>(_ output: Tensor<Float>, _ expected: Tensor<Scalar>) -> Double {
    let largest = expected.scalars.reduce(0) { max($0, abs($1.doubleValue)) }
    return largestDifference(output, expected) / largest
  }

  @Test(arguments: PriorFixture.names)
  func agreesWithDiffusers(name: String) throws {
    let fixture = try PriorFixture(name)
    for item in fixture.cases {
      let output = try fixture.prior(item.input)
      let (torch, exact) = (difference(output, item.output), difference(output, item.output64))
      #expect(output.shape == item.output.shape && torch <= Self.tolerance && exact <= Self.tolerance, "\(item.name)")
      print("measured: \(name) \(item.name): \(torch) of torch, \(exact) of binary64 (limit \(Self.tolerance))")
    }
  }

  @Test(arguments: PriorFixture.names)
  func agreesWithDiffusersStageByStage(name: String) throws {
    let fixture = try PriorFixture(name), item = fixture.cases[3]
    let layers = Mutex<[(name: String, output: Tensor<Float>)]>([])
    _ = try fixture.prior.predict(
      item.input, observer: { name, output in layers.withLock { $0.append((name, output)) } })
    let observed = layers.withLock { $0 }
    #expect(fixture.stages.count == fixture.prior.config.numLayers + 1)
    for (stage, expected) in fixture.stages {
      let last = observed.last { $0.name == stage || $0.name.hasPrefix("\(stage).") }
      let output = try #require(last?.output, "\(stage)"), (tokens, channels) = (expected.shape[1], expected.shape[2])
      #expect(output.shape == [1, channels, 1, tokens])
      let rows = (0..<tokens * channels).map { output.scalars[$0 % channels * tokens + $0 / channels] }
      #expect(difference(try Tensor(shape: expected.shape, scalars: rows), expected) <= Self.tolerance, "\(stage)")
    }
  }

  @Test(arguments: PriorFixture.names)
  func postProcessesLatentsToTheBit(name: String) throws {
    let fixture = try PriorFixture(name)
    #expect(sameBits(try fixture.prior.postProcess(fixture.latents), fixture.processed))
    let short = try Tensor(shape: [1, 2], scalars: [Float(0), 0])
    #expect(throws: DiffusionError.self) { try fixture.prior.postProcess(short) }
  }

  @Test(arguments: PriorFixture.names)
  func devicesThreadsAndBatchesGiveTheSameBits(name: String) throws {
    let reference = try PriorFixture(name, device: .cpuReference, threads: 1)
    let expected = try reference.cases.map { try reference.prior($0.input) }
    for device in Self.devices {
      for threads in [1, 3] {
        let prior = try reference.prior.on(device, threads: threads)
        for (item, expected) in zip(reference.cases, expected) {
          #expect(sameBits(try prior(item.input), expected), "\(device), \(threads) threads, \(item.name)")
        }
      }
      let prior = try reference.prior.on(device, threads: 2), item = reference.cases[2]
      for index in 0..<3 {
        let alone = try prior(PriorFixture.image(index, of: item.input))
        #expect(sameBits(alone, try expected[2].images(index..<index + 1)), "\(device), image \(index)")
      }
    }
  }

  @Test(arguments: PriorFixture.names)
  func aDeviceWithMemoryOfItsOwnGivesTheSameBits(name: String) throws {
    let fixture = try PriorFixture(name), backend = try #require(RemoteBackend())
    let entry = DeviceEntry(name: "remote", instructionSet: { _ in "remote" }) { _, _ in backend }
    let prior = try fixture.prior.on(Device(entry), threads: 1), constants = backend.bufferCount
    for item in fixture.cases { #expect(sameBits(try prior(item.input), try fixture.prior(item.input))) }
    #expect(backend.waitingCount == 0 && backend.bufferCount == constants)
  }

  @Test(arguments: PriorFixture.names)
  func describesEachLayerThatRuns(name: String) throws {
    let fixture = try PriorFixture(name), profiler = LayerProfiler(clock: ContinuousClock())
    _ = try fixture.prior.predict(fixture.cases[3].input, profiler: profiler)
    let description = fixture.prior.describe()
    let described = Dictionary(grouping: description.layers, by: \.name)
    for timing in profiler.timings {
      let layer = try #require(described[timing.work.name]?.first, "\(timing.work.name)")
      #expect(layer.outputShape == Array(timing.work.outputShape.dropFirst()), "\(layer.name)")
      #expect(layer.flops == timing.work.flops, "\(layer.name)")
    }
    let ran = Set(profiler.timings.map(\.work.name))
    #expect(description.layers.allSatisfy { ran.contains($0.name) || $0.kind == "Embedding" })
    // Behind the length of the header and the header there are the weights alone, two bytes each.
    let file = try Data(
      contentsOf: URL(filePath: "\(Fixtures.folder)/unclip/\(name)/diffusion_pytorch_model.safetensors"))
    let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(description.parameterCount == (file.count - 8 - header) / 2)
  }

  @Test func namesTheFirstLayerThatIsNotFinite() throws {
    let fixture = try PriorFixture("prior")
    var input = fixture.cases[0].input
    #expect(try fixture.prior.firstNonFiniteLayer(input) == nil)
    input.conditioning.textEmbeds = input.conditioning.textEmbeds?.map { _ in .greatestFiniteMagnitude }
    #expect(try fixture.prior.firstNonFiniteLayer(input)?.name == "embedding_proj")
  }

  @Test func refusesInputsThatDoNotFit() throws {
    let fixture = try PriorFixture("prior"), input = fixture.cases[0].input
    func message(_ change: (inout ModelInput) throws -> Void) throws -> String {
      var changed = input
      try change(&changed)
      return try #require(throws: DiffusionError.self) { try fixture.prior(changed) }.message
    }
    let image = try Tensor(shape: [2, 10, 1, 1], scalars: [Float](repeating: 0, count: 20))
    #expect(try message { $0.sample = image }.contains("expected [batch, 10]"))
    #expect(try message { $0.conditioning.encoderHiddenStates = nil }.contains("the prior takes a text"))
    #expect(try message { $0.conditioning.textEmbeds = nil }.contains("the prior takes a text"))
    #expect(
      try message { $0.conditioning.textEmbeds = try Tensor(shape: [2, 1], scalars: [0, 0]) }.contains("[2, 10]"))
    let short = try Tensor(shape: [2, 1], scalars: [Float(1), 1])
    #expect(try message { $0.conditioning.encoderAttentionMask = short }.contains("encoder attention mask of shape"))
    let none = try Tensor(shape: [2, 6], scalars: Array(repeating: Float(1), count: 6) + Array(repeating: 0, count: 6))
    #expect(try message { $0.conditioning.encoderAttentionMask = none }.contains("takes out all tokens"))
    #expect(try message { $0.timestep = 2_000_000 }.contains("timestep"))
  }

  @Test(
    "refuses configurations that make no prior, in one line",
    arguments: [
      ("\"norm_in_type\": \"group\"", "norm_in_type 'group' is not supported: expected 'layer' or null"),
      ("\"added_emb_type\": \"x\"", "expected 'prd' or null"), ("\"num_layers\": 0", "1 to 1024"),
      ("\"encoder_hid_proj_type\": \"conv\"", "expected 'linear' or null"),
      ("\"additional_embeddings\": 3", "additional_embeddings is 3: expected 4"),
      ("\"added_emb_type\": null", "additional_embeddings is 4: expected 3"),
      ("\"time_embed_act_fn\": \"tanh\"", "time_embed_act_fn"), ("\"embedding_dim\": 0", "embedding_dim is 0"),
      ("\"num_attention_heads\": 1048576", "attention_head_dim"), ("\"num_embeddings\": \"x\"", "num_embeddings"),
    ])
  func refusedConfiguration(json: String, expected: String) throws {
    let error = try #require(throws: DiffusionError.self) {
      try PriorTransformerConfig(json: Array("{\(json)}".utf8), file: "x.json")
    }
    #expect(error.kind == .badData && error.message.hasPrefix("x.json: ") && error.message.contains(expected))
    #expect(!error.message.contains("\n"))
  }

  @Test func missingKeysHaveDiffusersDefaults() throws {
    #expect(try PriorTransformerConfig(json: Array("{}".utf8)) == PriorTransformerConfig())
  }
}
