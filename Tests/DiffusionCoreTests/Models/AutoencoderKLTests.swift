import DiffusionCore
import Synchronization
import TensorKernels
import TestSupport
import Testing

/// The autoencoder against Diffusers on PyTorch, and its bits.
@Suite struct AutoencoderKLTests {
  /// Of the largest element. Torch's own error against binary64 is up to 1.2e-6 here.
  static let tolerance = 2e-5

  private func relativeDifference<Other>(_ found: Tensor<Float>, _ expected: Tensor<Other>) -> Double {
    largestDifference(found, expected) / (expected.scalars.map { abs($0.doubleValue) }.max() ?? 1)
  }

  /// Means, then the logarithms before they are limited, which none of these reaches.
  private func moments(_ distribution: DiagonalGaussian) throws -> Tensor<Float> {
    let shape = distribution.mean.shape, count = shape[1] * shape[2] * shape[3]
    var scalars: [Float] = []
    for image in 0..<shape[0] {
      for half in [distribution.mean, distribution.logVariance] {
        scalars += half.scalars[image * count..<(image + 1) * count]
      }
    }
    return try Tensor(shape: [shape[0], 2 * shape[1], shape[2], shape[3]], scalars: scalars)
  }

  @Test(arguments: AutoencoderKLFixture.names, Device.available)
  func agreesWithDiffusers(name: String, device: Device) throws {
    let fixture = try AutoencoderKLFixture(name, device: device)
    for item in fixture.cases {
      let encoded = try moments(fixture.model.encode(item.image)), decoded = try fixture.model.decode(item.latents)
      #expect(relativeDifference(encoded, item.moments) <= Self.tolerance, "\(item.name), moments")
      #expect(relativeDifference(encoded, item.moments64) <= Self.tolerance, "\(item.name), moments, binary64")
      #expect(relativeDifference(decoded, item.decoded) <= Self.tolerance, "\(item.name), image")
      #expect(relativeDifference(decoded, item.decoded64) <= Self.tolerance, "\(item.name), image, binary64")
    }
  }

  @Test("Every stage agrees with Diffusers", arguments: AutoencoderKLFixture.names)
  func stages(name: String) throws {
    let fixture = try AutoencoderKLFixture(name), item = try #require(fixture.cases.first)
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

  @Test("A sample of the latents is mean + deviation * noise", arguments: AutoencoderKLFixture.names)
  func samples(name: String) throws {
    let fixture = try AutoencoderKLFixture(name), item = try #require(fixture.cases.first)
    let distribution = try fixture.model.encode(item.image), noise = try fixture.file.floats("noise")
    let drawn = try fixture.file.floats("drawn")
    #expect(relativeDifference(distribution.standardDeviation, try fixture.file.floats("deviation")) <= Self.tolerance)
    #expect(relativeDifference(try distribution.sample(noise: noise), drawn) <= Self.tolerance)
    #expect(sameBits(distribution.mode, distribution.mean))
    let error = #expect(throws: DiffusionError.self) { try distribution.sample(noise: item.image) }
    #expect(error?.message.contains("\(item.image.shape)") == true)
  }

  @Test("Logarithms of variances are limited to -30 ... 20, and NaN stays")
  func limits() throws {
    let scalars: [Float] = [0, 1, 2, 3, 4, -31, 21, 0.5, .nan, -.infinity]
    let moments = try Tensor(shape: [1, 2, 1, 5], scalars: scalars)
    let distribution = DiagonalGaussian(moments: moments)
    #expect(distribution.mean.scalars == [0, 1, 2, 3, 4])
    #expect(distribution.logVariance.scalars[3].isNaN)
    #expect(distribution.logVariance.scalars.filter { !$0.isNaN } == [-30, 20, 0.5, -30])
    #expect(abs(distribution.standardDeviation.scalars[1] - 22026.465) < 0.01)
  }

  @Test("Devices, threads and batches give the same bits", arguments: AutoencoderKLFixture.names)
  func sameBitsEverywhere(name: String) throws {
    let fixture = try AutoencoderKLFixture(name, device: .cpuReference, threads: 1)
    let item = fixture.cases[1], encoded = try fixture.model.encode(item.image)
    let decoded = try fixture.model.decode(item.latents)
    for device in Device.available where device != .cpuReference {
      for threads in [1, 3] {
        let model = try fixture.model.on(device, threads: threads), again = try model.encode(item.image)
        #expect(sameBits(again.mean, encoded.mean) && sameBits(again.logVariance, encoded.logVariance), "\(device)")
        #expect(sameBits(try model.decode(item.latents), decoded), "\(device), \(threads) threads")
        let alone = try model.decode(item.latents.images(1..<2))
        #expect(sameBits(alone, try decoded.images(1..<2)), "\(device), one image")
      }
    }
  }

  @Test("Progress tells each block, and an error stops the pass there")
  func progress() throws {
    struct Stop: Error {}
    let fixture = try AutoencoderKLFixture("winograd"), item = try #require(fixture.cases.first)
    var blocks: [ForwardProgress] = []
    _ = try fixture.model.decode(item.latents) { blocks.append($0) }
    #expect(blocks.map(\.completed) == Array(0..<blocks.count) && blocks.allSatisfy { $0.total == blocks.count })
    #expect(blocks.first?.block == "post_quant_conv" && blocks.last?.block == "decoder.conv_out")
    #expect(blocks.contains { $0.block == "decoder.mid_block.attentions.0" })
    #expect(throws: Stop.self) { try fixture.model.encode(item.image) { if $0.completed == 3 { throw Stop() } } }
  }

  @Test("The description has every parameter, and the shapes of an image", arguments: AutoencoderKLFixture.names)
  func describes(name: String) throws {
    let fixture = try AutoencoderKLFixture(name), config = fixture.model.config
    let description = try fixture.model.describe(height: config.sampleHeight, width: config.sampleWidth)
    let parameters = try AutoencoderKLFixture.parameters(name)
    let count = parameters.names.reduce(0) { $0 + (parameters.shape(of: $1)?.reduce(1, *) ?? 0) }
    #expect(description.parameterCount == count)
    #expect(description.layers.first?.name == "encoder.conv_in")
    let scale = config.latentScale
    #expect(
      description.layers.last?.outputShape
        == [config.outChannels, config.sampleHeight / scale * scale, config.sampleWidth / scale * scale])
    #expect(throws: DiffusionError.self) { try fixture.model.describe(height: 0, width: 8) }
  }
}

/// What an autoencoder refuses.
@Suite struct AutoencoderKLRefusalTests {
  static let configurations: [(json: String, expected: String)] = [
    (#"{"down_block_types": ["DownBlock2D"]}"#, "down_block_types[0] is 'DownBlock2D': expected DownEncoderBlock2D"),
    (#"{"up_block_types": ["UpBlock2D"]}"#, "expected UpDecoderBlock2D or AttnUpDecoderBlock2D"),
    (#"{"block_out_channels": [64, 64]}"#, "`block_out_channels`"),
    (#"{"block_out_channels": [60]}"#, "norm_num_groups is 32: expected a divisor of block_out_channels[0], 60"),
    (#"{"block_out_channels": [0]}"#, "block_out_channels[0]"), (#"{"act_fn": "tanh"}"#, "or 'relu'"),
    (#"{"latent_channels": 0}"#, "latent_channels is 0"), (#"{"layers_per_block": 0}"#, "layers_per_block is 0"),
    (#"{"sample_size": null}"#, "sample_size is null: expected a whole number or [height, width]"),
    (#"{"sample_size": 0}"#, "sample_size is 0"), (#"{"scaling_factor": 0}"#, "scaling_factor"),
    (#"{"scaling_factor": "1"}"#, "scaling_factor"), (#"{"shift_factor": "x"}"#, "shift_factor"),
    (#"{"latents_mean": [1]}"#, "latents_mean is a list of 1: expected a number for each of the 4 latent_channels"),
    (#"{"latents_std": [1, 0, 1, 1]}"#, "latents_std"), (#"{"use_quant_conv": 1}"#, "use_quant_conv"),
    (#"{"up_block_types": ["UpDecoderBlock2D", "UpDecoderBlock2D"]}"#, "`up_block_types`"), ("[]", "JSON object"),
  ]

  @Test("Configurations", arguments: configurations)
  func configuration(json: String, expected: String) throws {
    let error = #expect(throws: DiffusionError.self) {
      try AutoencoderKLConfig(json: Array(json.utf8), file: "vae/config.json")
    }
    #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    #expect(error?.message.hasPrefix("vae/config.json: ") == true && error?.message.contains("\n") == false)
  }

  @Test("Missing keys have Diffusers' defaults")
  func defaults() throws {
    #expect(try AutoencoderKLConfig(json: Array("{}".utf8)) == AutoencoderKLConfig())
    let config = try AutoencoderKLFixture.config("no-quant")
    #expect(config.shiftFactor == 0.1159 && config.scalingFactor == 0.3611 && config.latentScale == 4)
    #expect(config.sampleHeight == 12 && config.sampleWidth == 16 && !config.midBlockAddAttention)
    #expect(try AutoencoderKLFixture.config("odd").latentsStd == [1, 2, 1.5, 0.5, 0.25])
  }

  @Test("Inputs of another shape", arguments: [[1, 3, 1, 16], [1, 4, 16, 16], [0, 3, 16, 16], [3, 16, 16]])
  func images(shape: [Int]) throws {
    let model = try AutoencoderKLFixture("winograd").model
    let images = try Tensor(shape: shape, scalars: [Float](repeating: 0, count: shape.reduce(1, *)))
    let error = #expect(throws: DiffusionError.self) { try model.encode(images) }
    #expect(error?.message.contains("images of shape \(shape)") == true)
    if shape.count == 3 || shape[1] != 4 { #expect(throws: DiffusionError.self) { try model.decode(images) } }
  }

  @Test("Weights that are missing, or that the configuration has no use for")
  func weights() throws {
    let parameters = try AutoencoderKLFixture.parameters("winograd")
    var config = try AutoencoderKLFixture.config("winograd")
    config.midBlockAddAttention = false
    let notes = try AutoencoderKL(config: config, parameters: parameters, threads: 1).fileNotes
    #expect(notes.count == 1 && notes[0].contains("decoder.mid_block.attentions.0.group_norm"))
    config = try AutoencoderKLFixture.config("winograd")
    config.layersPerBlock = 2
    let missing = #expect(throws: DiffusionError.self) {
      try AutoencoderKL(config: config, parameters: parameters, threads: 1)
    }
    #expect(missing?.message.contains("encoder.down_blocks.0.resnets.1") == true)
  }

  @Test("The estimate of a pass grows with the images")
  func estimate() throws {
    let config = try AutoencoderKLFixture.config("winograd")
    let small = MemoryEstimate.pass(config, images: [1, 3, 16, 16])
    #expect(small == 3 * 4 * 16 * (256 + 64))
    #expect(MemoryEstimate.pass(config, images: [2, 3, 16, 16]) == 2 * small)
    #expect(MemoryEstimate.pass(config, images: [.max, 3, .max, 16]) == .max)
  }
}
