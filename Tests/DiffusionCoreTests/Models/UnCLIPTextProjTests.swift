import DiffusionCore
import Foundation
import TestSupport
import Testing

/// unCLIP's text projection, and its bicubic resizing, against Diffusers and PyTorch.
@Suite struct UnCLIPTextProjTests {
  private static let tolerance = 2e-5

  private func model(_ device: Device = .cpu, threads: Int = 2) throws -> UnCLIPTextProjModel {
    let folder = "\(Fixtures.folder)/unclip/text-proj"
    return try UnCLIPTextProjModel(
      config: UnCLIPTextProjModelConfig(json: Data(contentsOf: URL(filePath: "\(folder)/config.json"))),
      parameters: ParameterStore(opening: "\(folder)/diffusion_pytorch_model.safetensors"), device: device,
      threads: threads)
  }

  private func difference(_ output: Tensor<Float>?, _ expected: Tensor<Float>) throws -> Double {
    let output = try #require(output)
    #expect(output.shape == expected.shape)
    return largestDifference(output, expected) / Double(expected.scalars.reduce(0) { max($0, abs($1)) })
  }

  /// The second half of the texts, which the images belong to, or the first, which belongs to no image.
  private func text(_ range: Range<Int>, _ file: TensorFile) throws -> ModelInput.Conditioning {
    ModelInput.Conditioning(
      encoderHiddenStates: try file.floats("states").images(range),
      encoderAttentionMask: try Tensor(shape: [2, 5], scalars: [1, 1, 1, 0, 0, 1, 1, 1, 1, 0]),
      textEmbeds: try file.floats("embeds").images(range))
  }

  @Test func agreesWithDiffusers() throws {
    let file = try TensorFile("unclip/text-proj/cases.safetensors"), model = try model()
    let image = try file.floats("image")
    let with = try model(image, text: text(2..<4, file)), free = try model(nil, text: text(0..<2, file))
    #expect(try difference(with.encoderHiddenStates, file.floats("tokens")) <= Self.tolerance)
    #expect(try difference(with.classEmbeddings, file.floats("time")) <= Self.tolerance)
    #expect(
      try difference(free.encoderHiddenStates, file.floats("free.tokens").images(0..<2)) <= Self.tolerance)
    #expect(try difference(free.classEmbeddings, file.floats("free.time").images(0..<2)) <= Self.tolerance)
    let mask: [Float] = [1, 1, 1, 1, 1, 1, 0, 0] + [1, 1, 1, 1, 1, 1, 1, 0]
    #expect(with.encoderAttentionMask == (try Tensor(shape: [2, 8], scalars: mask)))
  }

  @Test func devicesThreadsAndBatchesGiveTheSameBits() throws {
    let file = try TensorFile("unclip/text-proj/cases.safetensors"), image = try file.floats("image")
    let text = try text(2..<4, file), expected = try model(.cpuReference, threads: 1)(image, text: text)
    for device in Device.available {
      for threads in [1, 3] { #expect(try model(device, threads: threads)(image, text: text) == expected) }
    }
    var first = text
    first.encoderHiddenStates = try text.encoderHiddenStates?.images(0..<1)
    first.textEmbeds = try text.textEmbeds?.images(0..<1)
    first.encoderAttentionMask = try text.encoderAttentionMask?.images(0..<1)
    let alone = try model()(image.images(0..<1), text: first)
    #expect(alone.encoderHiddenStates == (try expected.encoderHiddenStates?.images(0..<1)))
    #expect(alone.classEmbeddings == (try expected.classEmbeddings?.images(0..<1)))
  }

  @Test func describesEveryParameter() throws {
    let file = try Data(
      contentsOf: URL(filePath: "\(Fixtures.folder)/unclip/text-proj/diffusion_pytorch_model.safetensors"))
    let header = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
    #expect(try model().describe(tokens: 5).parameterCount == (file.count - 8 - header) / 2)
  }

  @Test func refusesWhatDoesNotFit() throws {
    let file = try TensorFile("unclip/text-proj/cases.safetensors"), model = try model()
    let image = try file.floats("image")
    #expect(throws: DiffusionError.self) { try model(image, text: ModelInput.Conditioning()) }
    #expect(throws: DiffusionError.self) { try model(image.images(0..<1), text: text(2..<4, file)) }
    for (json, expected) in [
      ("{}", "time_embed_dim is missing"), ("{\"time_embed_dim\": 8}", "cross_attention_dim is missing"),
      ("{\"time_embed_dim\": 8, \"cross_attention_dim\": 0}", "cross_attention_dim is 0"),
    ] {
      let error = try #require(throws: DiffusionError.self) {
        try UnCLIPTextProjModelConfig(json: Array(json.utf8), file: "x.json")
      }
      #expect(error.kind == .badData && error.message.hasPrefix("x.json: \(expected)"), "\(error.message)")
    }
  }

  @Test(arguments: 0..<6)
  func bicubicResizingAgreesWithTorch(index: Int) throws {
    let file = try TensorFile("unclip/bicubic.safetensors"), expected = try file.floats("\(index).result")
    let images = try file.floats("\(index).images")
    let output = try BicubicResizing.resized(images, height: expected.shape[2], width: expected.shape[3])
    let found = try difference(output, expected)
    #expect(found <= 1e-6)
    if images.shape == expected.shape { #expect(sameBits(output, images)) }
    print("measured: bicubic \(images.shape) to \(expected.shape): \(found) of torch (limit 1e-6)")
  }

  @Test func bicubicResizingRefusesOtherShapes() throws {
    let images = try Tensor(shape: [1, 1, 2, 2], scalars: [Float](repeating: 1, count: 4))
    #expect(throws: DiffusionError.self) { try BicubicResizing.resized(images, height: 0, width: 4) }
    let flat = try Tensor(shape: [2, 2], scalars: images.scalars)
    #expect(throws: DiffusionError.self) { try BicubicResizing.resized(flat, height: 4, width: 4) }
  }
}
