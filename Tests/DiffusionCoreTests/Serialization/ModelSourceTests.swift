import DiffusionCore
import TestSupport
import Testing

@Suite struct ModelSourceTests {
  private let scratch: ScratchFolder

  init() throws { scratch = try ScratchFolder() }

  private static let index =
    #"{"_class_name":"DDIMPipeline","unet":["diffusers","UNet2DModel"],"scheduler":["diffusers","DDIMScheduler"]}"#

  /// A model as `save_pretrained` writes it, without some of its files.
  private func model(without missing: Set<String> = []) throws -> ModelSource {
    let files: [String: [UInt8]] = [
      "model_index.json": Array(Self.index.utf8), "unet/config.json": Array("{}".utf8),
      "scheduler/scheduler_config.json": Array("{ }".utf8),
      "unet/diffusion_pytorch_model.safetensors": SafeTensorsBytes.zeros(["a"]),
    ]
    for (name, bytes) in files where !missing.contains(name) { try scratch.write(bytes, "m/\(name)") }
    return try ModelSource(resolving: folder, environment: [:])
  }

  private var folder: String { "\(scratch.path)/m" }

  @Test func readsTheLayoutOfSavePretrained() throws {
    let source = try model()
    #expect(source.name == folder)
    #expect(try source.modelIndex().className == "DDIMPipeline")
    #expect(try source.config(of: "unet").path == "\(folder)/unet/config.json")
    #expect(try source.config(of: "unet").read() == Array("{}".utf8))
    #expect(try source.config(of: "scheduler").read() == Array("{ }".utf8))
    #expect(try source.parameters(of: "unet").names == ["a"])
    #expect(
      try source.files().map(\.path)
        == [
          "model_index.json", "unet/config.json", "scheduler/scheduler_config.json",
          "unet/diffusion_pytorch_model.safetensors",
        ].map { "\(folder)/\($0)" })
  }

  @Test func readsTheFlatLayout() throws {
    let flat = "\(Fixtures.folder)/serialization/flat"
    let source = try ModelSource(resolving: flat + "/", environment: [:])
    #expect(
      try source.modelIndex()
        == ModelIndex(
          className: "DDPMPipeline", components: ["unet": "UNet2DModel", "scheduler": "DDPMScheduler"]))
    #expect(try source.config(of: "unet").path == "\(flat)/config.json")
    #expect(try source.config(of: "scheduler").path == "\(flat)/scheduler_config.json")
    let parameters = try source.parameters(of: "unet")
    #expect(parameters.names.count == 9)
    for (number, name) in ["to_q", "to_k", "to_v", "to_out.0"].enumerated() {
      let value = Float(number + 1)
      let path = "mid_block.attentions.0.\(name)"
      #expect(try parameters.read("\(path).weight", shape: [2, 2]) == [value, value, value, value])
      #expect(try parameters.read("\(path).bias", shape: [2]) == [-value, -value])
    }
  }

  @Test func aTildeIsTheHomeFolder() throws {
    _ = try model()
    let source = try ModelSource(resolving: "~/m", environment: ["HOME": scratch.path])
    #expect(source.name == "~/m")
    #expect(try source.config(of: "unet").path == "\(folder)/unet/config.json")
  }

  @Test(arguments: [
    (
      "model_index.json",
      "@/model_index.json: missing; a model is a folder as Diffusers' DDIMPipeline.save_pretrained writes it"
    ),
    ("unet/config.json", "@/unet/config.json: missing, and so is @/config.json; the model is incomplete"),
    (
      "scheduler/scheduler_config.json",
      "@/scheduler/scheduler_config.json: missing, and so is @/scheduler_config.json; the model is incomplete"
    ),
    (
      "unet/diffusion_pytorch_model.safetensors",
      "@/unet/diffusion_pytorch_model.safetensors: missing; the model has no weights"
    ),
  ])
  func aMissingFileIsNamed(_ missing: String, _ message: String) throws {
    let source = try model(without: [missing])
    let error = DiffusionError(.missingInput, message.replacing("@", with: folder))
    #expect(throws: error) {
      _ = try source.modelIndex()
      _ = try source.config(of: "unet")
      _ = try source.config(of: "scheduler")
      _ = try source.parameters(of: "unet")
    }
    #expect(throws: error) { try source.files() }
  }

  private static let pipelines = """
    ConsistencyModelPipeline, DDIMPipeline, DDPMPipeline, DiTPipeline, KarrasVePipeline, LDMPipeline, PNDMPipeline, \
    ScoreSdeVePipeline, StableDiffusionPipeline, StableDiffusionImg2ImgPipeline, LatentConsistencyModelPipeline, \
    StableDiffusionXLPipeline, StableDiffusionXLImg2ImgPipeline, UnCLIPPipeline, UnCLIPImageVariationPipeline
    """
  private static let sound =
    "for sound or other series in one dimension: expected a model of images, which this program shows"

  @Test(arguments: [
    (
      #"{"_class_name":"StableDiffusion3Pipeline","unet":1}"#,
      "the pipeline is StableDiffusion3Pipeline; supported: \(pipelines)"
    ),
    (
      index.replacing("UNet2DModel", with: "UNet2DConditionModel"),
      "the unet is UNet2DConditionModel; supported: UNet2DModel"
    ),
    (
      #"{"_class_name":"DanceDiffusionPipeline"}"#,
      "the pipeline is DanceDiffusionPipeline, \(sound)"
    ),
    (
      #"{"_class_name":"AudioLDM2Pipeline"}"#,
      "the pipeline is AudioLDM2Pipeline, \(sound)"
    ),
    (
      index.replacing("UNet2DModel", with: "UNet1DModel"),
      "the unet is UNet1DModel, \(sound)"
    ),
    (#"{"_class_name":"DDIMPipeline"}"#, #""unet" is missing; expected ["diffusers", "UNet2DModel"]"#),
    (
      #"{"_class_name":"DDIMPipeline","unet":[null,null]}"#,
      #""unet" is missing; expected ["diffusers", "UNet2DModel"]"#
    ),
    ("{}", #""_class_name" is missing"#),
    ("[]", "expected a JSON object, found []"),
    ("", "not valid JSON: line 1, column 1: expected a value, found the end"),
    (
      "{\n  \"_class_name\": \"DDIMPipeline\"\n  \"unet\": []\n}",
      "not valid JSON: line 3, column 3: expected a comma or }, found '\"'"
    ),
  ])
  func anotherPipelineIsRefused(_ index: String, _ message: String) throws {
    let source = try model()
    let path = try scratch.write(index, "m/model_index.json")
    #expect(throws: DiffusionError(.badData, "\(path): \(message)")) { try source.modelIndex() }
  }

  /// Safetensors first, then torch's files; the fp16 variants only if there is nothing else.
  @Test func torchsFilesComeAfterSafetensors() throws {
    let source = try model(without: ["unet/diffusion_pytorch_model.safetensors"])
    let stem = "m/unet/diffusion_pytorch_model"
    func torch(_ name: String) -> [UInt8] {
      TorchBytes.archive(
        TorchBytes.dictionary(name, TorchBytes.tensor(shape: [1], strides: [1], count: 1)),
        storages: ["0": [0, 0, 0, 0]])
    }
    try scratch.write(torch("half-bin"), "\(stem).fp16.bin")
    #expect(try source.parameters(of: "unet").names == ["half-bin"])
    try scratch.write(SafeTensorsBytes.zeros(["half"]), "\(stem).fp16.safetensors")
    #expect(try source.parameters(of: "unet").names == ["half"])
    try scratch.write(torch("bin"), "\(stem).bin")
    #expect(try source.parameters(of: "unet").names == ["bin"])
    try scratch.write(torch("shard"), "\(stem)-00001-of-00001.bin")
    try scratch.write(
      #"{"weight_map":{"shard":"diffusion_pytorch_model-00001-of-00001.bin"}}"#, "\(stem).bin.index.json")
    #expect(try source.parameters(of: "unet").names == ["shard"])
    #expect(
      try source.files().suffix(2).map(\.path) == [
        "\(scratch.path)/\(stem).bin.index.json", "\(scratch.path)/\(stem)-00001-of-00001.bin",
      ])
    try scratch.write(SafeTensorsBytes.zeros(["a"]), "\(stem).safetensors")
    #expect(try source.parameters(of: "unet").names == ["a"])
  }

  /// Diffusers' order: the index of shards, then the plain file; the fp16 variant only if there is nothing else.
  @Test func weightsAreTakenInOrder() throws {
    let source = try model()
    let stem = "m/unet/diffusion_pytorch_model"
    try scratch.write(SafeTensorsBytes.zeros(["half"]), "\(stem).fp16.safetensors")
    #expect(try source.parameters(of: "unet").names == ["a"])
    try scratch.write(SafeTensorsBytes.zeros(["b"]), "\(stem)-00001-of-00001.safetensors")
    try scratch.write(
      #"{"weight_map":{"b":"diffusion_pytorch_model-00001-of-00001.safetensors"}}"#, "\(stem).safetensors.index.json")
    #expect(try source.parameters(of: "unet").names == ["b"])
    #expect(
      try source.files().suffix(2).map(\.path) == [
        "\(scratch.path)/\(stem).safetensors.index.json", "\(scratch.path)/\(stem)-00001-of-00001.safetensors",
      ])
  }

  @Test func theHalfPrecisionVariantIsReadIfItIsTheOnlyOne() throws {
    let source = try model(without: ["unet/diffusion_pytorch_model.safetensors"])
    try scratch.write(SafeTensorsBytes.zeros(["half"]), "m/unet/diffusion_pytorch_model.fp16.safetensors")
    #expect(try source.parameters(of: "unet").names == ["half"])
  }

  @Test func filesHaveDigests() throws {
    // printf '{}' | sha256sum
    let digest = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    #expect(try model().files()[1].sha256() == digest)
  }
}
