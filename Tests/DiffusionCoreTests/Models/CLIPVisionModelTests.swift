import DiffusionCore
import Synchronization
import TestSupport
import Testing

/// CLIP's image encoder, and what it reads of pictures, against transformers.
@Suite struct CLIPVisionModelTests {
  private static func difference(_ found: [Float], _ expected: Tensor<Float>) -> Double {
    let largest = zip(found, expected.scalars).map { Double(abs($0 - $1)) }.max() ?? .infinity
    return found.count == expected.count ? largest / Double(expected.scalars.map(\.magnitude).max() ?? 1) : .infinity
  }

  @Test(arguments: CLIPVisionFixture.names) func embeddingsAndStagesAgree(name: String) throws {
    let cases = try CLIPVisionFixture.cases(name), model = try CLIPVisionFixture.model(name)
    let seen = Mutex<[String: Tensor<Float>]>([:])
    let images = try cases.floats("images")
    let found = try model.encode(images, observer: { layer, output in seen.withLock { $0[layer] = output } })
    let difference = Self.difference(found.scalars, try cases.floats("embeds"))
    #expect(difference < 2e-5 && found.shape == [3, model.config.projectionDim])
    print("measured: CLIPVisionModelWithProjection \(name): \(difference) (limit 2e-5)")
    let outputs = seen.withLock { $0 }, stages = cases.names.filter { $0.hasPrefix("stages.") }
    #expect(stages.count == model.config.numHiddenLayers + 4)
    for stage in stages {
      // What a layer puts out is the output of its last linear layer, with the residual.
      let name = String(stage.dropFirst("stages.".count))
      let layer = name.hasPrefix("encoder") ? "\(name).mlp.fc2" : name
      let output = try #require(outputs[layer], "\(layer)"), expected = try cases.floats(stage)
      #expect(Self.difference(Self.tokensFirst(output), expected) < 2e-5, "\(stage)")
    }
  }

  /// `[batch, channels, 1, tokens]` as `[batch, tokens, channels]`.
  private static func tokensFirst(_ tensor: Tensor<Float>) -> [Float] {
    let (channels, tokens) = (tensor.shape[1], tensor.shape[3])
    return (0..<tensor.shape[0]).flatMap { image in
      (0..<tokens).flatMap { token in
        (0..<channels).map { tensor.scalars[(image * channels + $0) * tokens + token] }
      }
    }
  }

  @Test(arguments: CLIPVisionFixture.names) func devicesThreadsAndBatchesGiveTheSameBits(name: String) throws {
    let images = try CLIPVisionFixture.cases(name).floats("images")
    let expected = try CLIPVisionFixture.model(name, device: .cpuReference, threads: 1)(images)
    for device in UNetBitsTests.devices {
      for threads in [1, 2, 3] {
        let model = try CLIPVisionFixture.model(name, device: device, threads: threads)
        #expect(sameBits(try model(images), expected), "\(device)")
      }
    }
    let last = try CLIPVisionFixture.model(name)(images.images(2..<3))
    #expect(last.scalars == Array(expected.scalars.suffix(last.count)))
  }

  @Test func otherSizesAreRefused() throws {
    let error = try #require(throws: DiffusionError.self) {
      try CLIPVisionFixture.model("gelu")(Tensor(unchecked: [1, 3, 8, 9], Array(repeating: 0, count: 216)))
    }
    #expect(error.kind == .usage && error.message == "images of shape [1, 3, 8, 9]: expected [batch, 3, 9, 9]")
  }

  @Test(
    arguments: [
      (#"{"image_size": 4, "patch_size": 5}"#, "patch_size is 5: expected 1 to 4"),
      (#"{"hidden_act": "relu"}"#, "hidden_act is 'relu': expected quick_gelu or gelu"),
      (#"{"num_attention_heads": 5}"#, "num_attention_heads is 5: expected a divisor of hidden_size, 768"),
      (#"{"num_channels": 1}"#, "num_channels is 1: expected 3 to 3"),
    ])
  func configurationsAreRefused(json: String, expected: String) throws {
    let error = try #require(throws: DiffusionError.self) { try CLIPVisionConfig(json: json.utf8) }
    #expect(error.message == "config.json: \(expected)")
  }
}

/// What an image encoder reads of a picture, bit for bit as transformers makes it with Pillow.
@Suite struct CLIPImageProcessorTests {
  private static let processors = [
    "small": #"{"size": {"shortest_edge": 16}, "crop_size": {"height": 14, "width": 14}}"#,
    "clip": #"{"size": 64, "crop_size": 56}"#,
    "padded": """
    {"size": {"height": 9, "width": 20}, "crop_size": {"height": 13, "width": 15}, "image_mean": [0.5, 0.4, 0.3]}
    """,
    "plain": #"{"do_resize": false, "crop_size": 5, "do_normalize": false}"#,
  ]

  @Test(arguments: UnCLIPVariationPictures.names) func bitsAgree(name: String) throws {
    let picture = try UnCLIPVariationPictures.open(name)
    let cases = try TensorFile("unclip-variation/pictures.safetensors")
    for (processor, json) in Self.processors {
      let found = try CLIPImageProcessor(json: json.utf8)(picture)
      #expect(sameBits(found, try cases.floats("\(name).\(processor)")), "\(processor)")
    }
  }

  @Test func aPictureOf16BitsIsThatOfItsHighBytes() throws {
    func picture(_ samples: SourcePicture.Samples) throws -> SourcePicture {
      try SourcePicture(
        record: PictureRecord(name: "p.png", sha256: "00"), width: 2, height: 1, channels: 3, samples: samples)
    }
    let low: [UInt8] = [0, 1, 2, 100, 200, 255]
    let high = try picture(.bits16(low.map { UInt16($0) << 8 | 0xff }))
    #expect(try CLIPImageProcessor()(high) == CLIPImageProcessor()(picture(.bits8(low))))
  }

  @Test func defaultsAreThoseOfTransformers() throws {
    #expect(try CLIPImageProcessor(json: "{}".utf8) == CLIPImageProcessor())
    let usual = CLIPImageProcessor()
    #expect(usual.size == .shortestEdge(224) && usual.cropSize?.height == 224 && usual.rescaleFactor == 1.0 / 255)
  }

  @Test(
    arguments: [
      (#"{"resample": 2}"#, "resample 2 is not supported: expected 3, bicubic"),
      (#"{"size": {"height": 3}}"#, "expected a whole number, a shortest_edge, or a height and a width"),
      (#"{"crop_size": 0}"#, "crop_size is 0: expected 1 to 4096"),
      (#"{"image_std": [1, 0, 1]}"#, "image_std is [1.0, 0.0, 1.0]: expected numbers other than 0"),
      (#"{"image_mean": [1, 2]}"#, "expected three numbers"),
    ])
  func configurationsAreRefused(json: String, expected: String) throws {
    let error = try #require(throws: DiffusionError.self) { try CLIPImageProcessor(json: json.utf8) }
    #expect(error.kind == .badData && error.message.hasPrefix("preprocessor_config.json: "))
    #expect(error.message.hasSuffix(expected), "\(error.message)")
  }

  @Test func aPictureTooLongIsRefused() throws {
    let line = try SourcePicture(
      record: PictureRecord(name: "line.png", sha256: "00"), width: 300_000, height: 1, channels: 1,
      samples: .bits8(Array(repeating: 0, count: 300_000)))
    let error = try #require(throws: DiffusionError.self) { try CLIPImageProcessor()(line) }
    #expect(error.kind == .badData && error.message.hasPrefix("line.png: a picture of 300000x1 would be "))
  }
}
