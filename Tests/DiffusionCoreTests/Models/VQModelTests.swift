import DiffusionCore
import Synchronization
import TensorKernels
import TestSupport
import Testing

/// The autoencoder with a codebook against Diffusers on PyTorch, and its bits.
@Suite struct VQModelTests {
  /// Of the largest element. Torch's own error against binary64 is up to 4e-6 here.
  static let tolerance = 2e-5

  private func relativeDifference<Other>(_ found: Tensor<Float>, _ expected: Tensor<Other>) -> Double {
    largestDifference(found, expected) / (expected.scalars.map { abs($0.doubleValue) }.max() ?? 1)
  }

  @Test(arguments: VQModelFixture.names, Device.available)
  func agreesWithDiffusers(name: String, device: Device) throws {
    let fixture = try VQModelFixture(name, device: device), model = fixture.model
    var largest = 0.0
    for item in fixture.cases {
      let quantized = try model.quantize(item.latents)
      #expect(quantized.codes == item.codes, "\(item.name)")
      #expect(sameBits(quantized.latents, item.quantized), "\(item.name)")
      let encoded = try model.encode(item.image), decoded = try model.decode(item.latents)
      var differences: [Double] = [
        relativeDifference(encoded, item.encoded), relativeDifference(encoded, item.encoded64),
        relativeDifference(decoded, item.decoded), relativeDifference(decoded, item.decoded64),
      ]
      if !model.config.lookupFromCodebook {
        let plain = try model.decode(item.latents, quantizes: false)
        differences += [relativeDifference(plain, item.plain), relativeDifference(plain, item.plain64)]
      }
      for difference in differences { #expect(difference <= Self.tolerance, "\(item.name)") }
      largest = max(largest, differences.max() ?? 0)
    }
    print("measured: vq/\(name) on \(device): \(largest) (limit \(Self.tolerance))")
  }

  @Test("Every stage agrees with Diffusers", arguments: VQModelFixture.names)
  func stages(name: String) throws {
    let fixture = try VQModelFixture(name), item = try #require(fixture.cases.first)
    let found = Mutex<[String: Tensor<Float>]>([:])
    let observer: LayerObserver = { layer, output in found.withLock { $0[layer] = output } }
    _ = try fixture.model.encode(item.image, observer: observer)
    _ = try fixture.model.decode(item.latents, observer: observer)
    let stages = fixture.file.names.filter { $0.hasPrefix("stage.") }
    #expect(stages.count >= 2 * (3 + fixture.model.config.blockOutChannels.count))
    for stage in stages {
      let output = try #require(found.withLock { $0[String(stage.dropFirst("stage.".count))] }, "\(stage)")
      #expect(relativeDifference(output, try fixture.file.floats(stage)) <= Self.tolerance, "\(stage)")
    }
  }

  @Test("Codes decode as get_codebook_entry makes vectors of them")
  func lookup() throws {
    for name in VQModelFixture.names {
      let fixture = try VQModelFixture(name)
      for item in fixture.cases {
        let shape = item.latents.shape
        let image = try fixture.model.decode(codes: item.codes, batchSize: shape[0], height: shape[2], width: shape[3])
        #expect(relativeDifference(image, item.decoded) <= Self.tolerance)
        guard fixture.model.config.lookupFromCodebook else { continue }
        #expect(relativeDifference(image, try fixture.file.floats("\(item.name).looked-up")) <= Self.tolerance)
      }
    }
  }

  @Test(
    "Latents whose distances are too many for one pass have the vectors that each row of them has alone",
    arguments: [Device.cpu] + Device.installed)
  func parts(device: Device) throws {
    let (count, side) = (2048, 24), generator = Generator().manualSeed(3), scratch = try ScratchFolder()
    let codebook = try generator.randn([count, 2]), latents = try generator.randn([2, 2, side, side])
    let path = try scratch.write(
      SafeTensorsBytes.float32("quantize.embedding.weight", codebook.scalars, shape: [count, 2]),
      "codebook.safetensors")
    func codes(_ latents: Tensor<Float>, _ device: Device) throws -> [UInt32] {
      let context = try ComputeContext(device: device, threads: 2)
      let quantizer = try VectorQuantizer(
        "quantize", count: count, dimension: 2, from: ParameterReader(ParameterStore(opening: path), context: context))
      return try context.backend.download(quantizer(latents, in: context).codes.buffer).map(\.bitPattern)
    }
    let found = try codes(latents, device)
    for row in 0..<2 * side {
      let (image, y) = (row / side, row % side)
      let scalars = (0..<2).flatMap { channel in
        let first = ((image * 2 + channel) * side + y) * side
        return latents.scalars[first..<first + side]
      }
      let alone = try codes(Tensor(shape: [1, 2, 1, side], scalars: scalars), .cpu)
      #expect(Array(found[row * side..<(row + 1) * side]) == alone, "row \(row)")
    }
  }

  /// A new VQModel's vectors are so near to each other that a last bit of torch's square roots, which are not rounded
  /// correctly everywhere, decides for a few latents.
  @Test func nearTies() throws {
    let file = try TensorFile("vq/near-ties.safetensors"), latents = try file.floats("latents")
    let codebook = try file.floats("codebook"), codes = try file.floats("codes").scalars.map { Int($0) }
    let scratch = try ScratchFolder()
    let context = try ComputeContext(device: .cpu, threads: 2)
    let path = try scratch.write(
      SafeTensorsBytes.float32("quantize.embedding.weight", codebook.scalars, shape: [256, 3]), "codebook.safetensors")
    let quantizer = try VectorQuantizer(
      "quantize", count: 256, dimension: 3,
      from: ParameterReader(ParameterStore(opening: path), context: context))
    let found = try context.backend.download(quantizer(latents, in: context).codes.buffer).map { Int($0.bitPattern) }
    let pixels = latents.shape[2] * latents.shape[3]
    func distance(_ place: Int, _ code: Int) -> Double {
      let sum = (0..<3).reduce(0.0) { sum, channel in
        let x = latents.scalars[(place / pixels * 3 + channel) * pixels + place % pixels]
        let difference = Double(x) - Double(codebook.scalars[code * 3 + channel])
        return sum + difference * difference
      }
      return sum.squareRoot()
    }
    let others = codes.indices.filter { found[$0] != codes[$0] }
    print("measured: \(others.count) of \(codes.count) latents have another vector than in torch")
    #expect(found.count == codes.count && others.count <= codes.count / 500)
    for place in others {
      let (own, torch) = (distance(place, found[place]), distance(place, codes[place]))
      #expect(abs(own - torch) <= 3e-7 * torch, "\(place)")
    }
  }

  @Test("NaN takes the first vector, and infinity some vector")
  func nonFinite() throws {
    let model = try VQModelFixture("group").model
    var scalars = [Float](repeating: 0.5, count: 3 * 64)
    (scalars[5], scalars[9]) = (.nan, .infinity)
    let quantized = try model.quantize(Tensor(shape: [1, 3, 8, 8], scalars: scalars))
    #expect(quantized.codes[5] == 0 && quantized.latents.scalars[5].isNaN)
    #expect(quantized.codes.allSatisfy { (0..<64).contains($0) })
  }

  @Test("Devices, threads and batches give the same bits", arguments: VQModelFixture.names)
  func sameBitsEverywhere(name: String) throws {
    let fixture = try VQModelFixture(name, device: .cpuReference, threads: 1)
    let item = fixture.cases[1], encoded = try fixture.model.encode(item.image)
    let decoded = try fixture.model.decode(item.latents), codes = try fixture.model.quantize(item.latents).codes
    for device in Device.available where device != .cpuReference {
      for threads in [1, 3] {
        let model = try fixture.model.on(device, threads: threads)
        #expect(sameBits(try model.encode(item.image), encoded), "\(device), \(threads) threads")
        #expect(sameBits(try model.decode(item.latents), decoded), "\(device), \(threads) threads")
        #expect(try model.quantize(item.latents).codes == codes)
        let alone = try model.decode(item.latents.images(1..<2))
        #expect(sameBits(alone, try decoded.images(1..<2)), "\(device), one image")
      }
    }
  }

  @Test("Progress tells each block, and an error stops the pass there")
  func progress() throws {
    struct Stop: Error {}
    let fixture = try VQModelFixture("group"), item = try #require(fixture.cases.first)
    var blocks: [ForwardProgress] = []
    _ = try fixture.model.decode(item.latents) { blocks.append($0) }
    #expect(blocks.map(\.completed) == Array(0..<blocks.count) && blocks.allSatisfy { $0.total == blocks.count })
    #expect(blocks.prefix(2).map(\.block) == ["quantize", "post_quant_conv"])
    #expect(blocks.last?.block == "decoder.conv_out")
    #expect(throws: Stop.self) { try fixture.model.encode(item.image) { if $0.completed == 3 { throw Stop() } } }
    #expect(throws: Stop.self) { try fixture.model.decode(item.latents) { _ in throw Stop() } }
  }

  @Test("The description has every parameter, and the shapes of an image", arguments: VQModelFixture.names)
  func describes(name: String) throws {
    let fixture = try VQModelFixture(name), config = fixture.model.config
    let description = try fixture.model.describe(height: 12, width: 16)
    let parameters = try VQModelFixture.parameters(name)
    let count = parameters.names.reduce(0) { $0 + (parameters.shape(of: $1)?.reduce(1, *) ?? 0) }
    #expect(description.parameterCount == count)
    #expect(description.layers.first?.name == "encoder.conv_in")
    #expect(description.layers.contains { $0.kind == "VectorQuantizer" && $0.outputShape[0] == config.codeChannels })
    #expect(description.layers.last?.outputShape == [config.outChannels, 12, 16])
    #expect(throws: DiffusionError.self) { try fixture.model.describe(height: 0, width: 8) }
  }
}

/// What an autoencoder with a codebook refuses.
@Suite struct VQModelRefusalTests {
  static let configurations: [(json: String, expected: String)] = [
    (
      #"{"down_block_types": ["DownBlock2D"]}"#,
      "down_block_types[0] is 'DownBlock2D': expected DownEncoderBlock2D or AttnDownEncoderBlock2D"
    ),
    (#"{"up_block_types": ["UpBlock2D"]}"#, "expected UpDecoderBlock2D or AttnUpDecoderBlock2D"),
    (#"{"block_out_channels": [64, 64]}"#, "`block_out_channels`"),
    (#"{"block_out_channels": [60]}"#, "norm_num_groups is 32: expected a divisor of block_out_channels[0], 60"),
    (#"{"act_fn": "tanh"}"#, "act_fn 'tanh' is not supported: expected 'silu', 'swish', 'mish', 'gelu' or 'relu'"),
    (#"{"latent_channels": 0}"#, "latent_channels is 0"), (#"{"layers_per_block": 0}"#, "layers_per_block is 0"),
    (#"{"sample_size": 0}"#, "sample_size is 0"), (#"{"scaling_factor": 0}"#, "scaling_factor"),
    (#"{"num_vq_embeddings": 0}"#, "num_vq_embeddings is 0"), (#"{"vq_embed_dim": 0}"#, "vq_embed_dim is 0"),
    (#"{"norm_type": "layer"}"#, "norm_type is 'layer': expected group or spatial"),
    (
      #"{"norm_type": "spatial", "vq_embed_dim": 4}"#,
      "vq_embed_dim is 4: expected 3, as latent_channels, with norm_type 'spatial'"
    ),
    (
      #"{"norm_type": "spatial", "norm_num_groups": 4, "block_out_channels": [48]}"#,
      "block_out_channels[0] is 48: expected a multiple of 32 with norm_type 'spatial'"
    ),
    (#"{"lookup_from_codebook": 1}"#, "lookup_from_codebook"), (#"{"force_upcast": "yes"}"#, "force_upcast"),
    ("[]", "JSON object"),
  ]

  @Test("Configurations", arguments: configurations)
  func configuration(json: String, expected: String) throws {
    let error = #expect(throws: DiffusionError.self) {
      try VQModelConfig(json: Array(json.utf8), file: "vqvae/config.json")
    }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    #expect(error?.message.hasPrefix("vqvae/config.json: ") == true && error?.message.contains("\n") == false)
  }

  @Test("Missing keys have Diffusers' defaults")
  func defaults() throws {
    #expect(try VQModelConfig(json: Array("{}".utf8)) == VQModelConfig())
    let config = try VQModelFixture.config("attention")
    #expect(config.codeChannels == 5 && config.scalingFactor == 0.5 && config.latentScale == 4)
    #expect(config.sampleHeight == nil && config.sampleWidth == nil)
    #expect(try VQModelFixture.config("spatial").lookupFromCodebook)
    #expect(try !VQModelFixture.config("few").midBlockAddAttention)
  }

  @Test("Inputs of another shape, and codes out of range")
  func inputs() throws {
    let model = try VQModelFixture("group").model
    for shape in [[1, 3, 1, 16], [1, 4, 16, 16], [0, 3, 16, 16], [3, 16, 16]] {
      let images = try Tensor(shape: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
      let error = #expect(throws: DiffusionError.self) { try model.encode(images) }
      #expect(error?.message.contains("images of shape \(shape)") == true)
    }
    for (codes, expected) in [
      ([0, 1, 2], "3 codes: expected 1 x 2 x 2"), ([0, 1, 2, 64], "code 64: expected 0 to 63"),
    ] {
      let error = #expect(throws: DiffusionError.self) {
        try model.decode(codes: codes, batchSize: 1, height: 2, width: 2)
      }
      #expect(error?.message.contains(expected) == true)
    }
    let spatial = try VQModelFixture("spatial"), latents = try #require(spatial.cases.first).latents
    let error = #expect(throws: DiffusionError.self) { try spatial.model.decode(latents, quantizes: false) }
    #expect(error?.message.contains("lookup_from_codebook") == true)
  }

  @Test("Weights that are missing")
  func weights() throws {
    let parameters = try VQModelFixture.parameters("group")
    var config = try VQModelFixture.config("group")
    config.numVqEmbeddings = 65
    let wrong = #expect(throws: DiffusionError.self) {
      try VQModel(config: config, parameters: parameters, threads: 1)
    }
    #expect(wrong?.message.contains("quantize.embedding.weight has shape [64, 3]") == true)
    config = try VQModelFixture.config("group")
    config.upBlockTypes = [.attnUpDecoderBlock2D, .upDecoderBlock2D]
    let missing = #expect(throws: DiffusionError.self) {
      try VQModel(config: config, parameters: parameters, threads: 1)
    }
    #expect(missing?.message.contains("decoder.up_blocks.0.attentions.0") == true)
  }
}
