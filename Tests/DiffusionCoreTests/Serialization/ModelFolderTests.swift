import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// Folders as people have them: parts of a model, which are completed where that can be told.
@Suite("A model without its index") struct ModelFolderTests {
  private let scratch: ScratchFolder
  private static let fixture = "\(Fixtures.folder)/unet/no-attention"
  private static let weights = "diffusion_pytorch_model.safetensors"

  init() throws { scratch = try ScratchFolder() }

  /// Copies the fixture's UNet into folders, and puts texts into files.
  private func make(_ unets: [String], _ texts: [String: String] = [:]) throws {
    for folder in unets {
      let path = "\(scratch.path)/\(folder)"
      try FileManager.default.createDirectory(
        atPath: FileAccess.parent(of: path), withIntermediateDirectories: true)
      try FileManager.default.copyItem(atPath: "\(Self.fixture)/unet", toPath: path)
    }
    for (name, text) in texts { try scratch.write(text, name) }
  }

  private func source(_ name: String) throws -> ModelSource {
    try ModelSource(resolving: "\(scratch.path)/\(name)", environment: [:])
  }

  /// The path that was used, the warnings, and the scheduler that the folder describes.
  private func opened(_ name: String) throws -> (weights: String?, warnings: [String], scheduler: any Scheduler) {
    let source = try source(name), pipeline = try DiffusionPipeline.load(source, threads: 1)
    func relative(_ text: String) -> String { text.replacing("\(scratch.path)/", with: "") }
    return (
      try source.files().last.map { relative($0.path) }, pipeline.warnings.map(relative),
      try pipeline.schedulerSource.scheduler(pipeline.schedulerSource.className)
    )
  }

  private static let index =
    #"{"_class_name":"DDPMPipeline","unet":["diffusers","UNet2DModel"],"scheduler":["diffusers","DDPMScheduler"]}"#
  private static let cosine = #"{"_class_name":"DDPMScheduler","beta_schedule":"squaredcos_cap_v2"}"#

  @Test(
    "opens as Diffusers' training script would save it",
    arguments: [
      ("checkpoint-500", "checkpoint-500/unet", "; checkpoint-500/unet_ema is not used"),
      ("checkpoint-500/", "checkpoint-500/unet", "; checkpoint-500/unet_ema is not used"),
      ("checkpoint-500/unet", "checkpoint-500/unet", ""),
      ("checkpoint-500/unet_ema", "checkpoint-500/unet_ema", ""),
      ("averages", "averages/unet_ema", ""), ("alone", "alone", ""),
      ("alone/\(weights)", "alone", ""),
    ])
  func assumed(_ name: String, _ folder: String, _ more: String) throws {
    try make(["checkpoint-500/unet", "checkpoint-500/unet_ema", "averages/unet_ema", "alone"])
    let found = try opened(name), given = name.hasSuffix("/") ? String(name.dropLast()) : name
    #expect(found.weights == "\(folder)/\(Self.weights)")
    #expect(
      found.warnings == [
        "\(given): no model_index.json: opened as a DDPMPipeline of \(folder) and DDPMScheduler with its "
          + "defaults\(more)"
      ])
    let usual = try DDPMScheduler()
    #expect(try #require(found.scheduler as? DDPMScheduler).config == usual.config)
  }

  @Test(
    "takes the scheduler from the folders around it",
    arguments: [
      ("model", "model/unet", "model/scheduler"), ("model/unet", "model/unet", "model/scheduler"),
      ("flat", "flat", "flat"), ("flat/\(weights)", "flat", "flat"),
      ("training/checkpoint-5", "training/checkpoint-5/unet", "training/scheduler"),
      ("training/checkpoint-5/unet", "training/checkpoint-5/unet", "training/scheduler"),
    ])
  func scheduler(_ name: String, _ unet: String, _ scheduler: String) throws {
    try make(
      ["model/unet", "flat", "training/checkpoint-5/unet"],
      [
        "model/scheduler/scheduler_config.json": Self.cosine, "flat/scheduler_config.json": Self.cosine,
        "training/scheduler/scheduler_config.json": Self.cosine,
      ])
    let found = try opened(name)
    #expect(
      found.warnings == [
        "\(name): no model_index.json: opened as a DDPMPipeline of \(unet) and the scheduler in "
          + "\(scheduler)/scheduler_config.json"
      ])
    #expect(try #require(found.scheduler as? DDPMScheduler).config.betaSchedule == .squaredcosCapV2)
  }

  @Test(
    "is the unet of the model that it is in",
    arguments: [
      ("out/checkpoint-500", "out/checkpoint-500/unet", "; out/checkpoint-500/unet_ema is not used"),
      ("out/checkpoint-500/unet_ema", "out/checkpoint-500/unet_ema", ""), ("out/unet", "out/unet", ""),
      ("out/unet/\(weights)", "out/unet", ""),
    ])
  func base(_ name: String, _ folder: String, _ more: String) throws {
    try make(
      ["out/unet", "out/checkpoint-500/unet", "out/checkpoint-500/unet_ema"],
      ["out/model_index.json": Self.index, "out/scheduler/scheduler_config.json": Self.cosine])
    let found = try opened(name)
    #expect(found.weights == "\(folder)/\(Self.weights)")
    #expect(
      found.warnings == [
        "\(name): opened as the unet of out\(more)"
      ])
    #expect(try #require(found.scheduler as? DDPMScheduler).config.betaSchedule == .squaredcosCapV2)
  }

  @Test("opens to the same bits as the model") func bits() throws {
    try make(["checkpoint-500/unet"])
    func hash(_ folder: String) throws -> String {
      let pipeline = try DDIMPipeline.fromPretrained(folder, threads: 1)
      let generator = Generator(device: .cpu).manualSeed(0)
      return ContentHash.sha256(try pipeline(numInferenceSteps: 2, generator: generator).images)
    }
    #expect(try hash("\(scratch.path)/checkpoint-500") == hash(Self.fixture))
  }

  @Test("may be a file with a name of its own, in any format")
  func file() throws {
    try make(["m/unet"])
    let folder = "\(scratch.path)/m/unet"
    try FileManager.default.moveItem(atPath: "\(folder)/\(Self.weights)", toPath: "\(folder)/ema.safetensors")
    try FileManager.default.copyItem(
      atPath: "\(Fixtures.folder)/torch/no-attention-legacy.bin", toPath: "\(folder)/legacy.pt")
    #expect(try opened("m/unet/ema.safetensors").weights == "m/unet/ema.safetensors")
    #expect(try opened("m/unet/legacy.pt").weights == "m/unet/legacy.pt")
    let error = DiffusionError(.missingInput, "\(folder)/\(Self.weights): missing; the model has no weights")
    #expect(throws: error) { try opened("m/unet") }
  }

  @Test(
    "takes prompts where all its parts are there",
    arguments: [("sd1", "StableDiffusionPipeline"), ("lcm", "LatentConsistencyModelPipeline")])
  func prompts(_ name: String, _ className: String) throws {
    let model = "\(scratch.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/stable-diffusion/\(name)", toPath: model)
    let expected = try source("m").modelIndex()
    let weights = try #require(try source("m").files().last { $0.path.contains("/unet/diffusion") }).path
    try FileManager.default.removeItem(atPath: "\(model)/model_index.json")
    for path in [model, "\(model)/unet", weights] {
      let source = try ModelSource(resolving: path, environment: [:]), index = try source.modelIndex()
      #expect(index.className == className)
      for part in ["unet", "vae", "text_encoder", "scheduler"] {
        #expect(index.components[part] == expected.components[part], "\(part)")
      }
      #expect(try source.files().contains { $0.path == weights })
    }
    let note = "\(model): no model_index.json: opened as a \(className) of the folders beside \(model)/unet"
    #expect(try DiffusionPipeline.load(source("m"), threads: 1).warnings.first == note)
    for part in ["vae", "tokenizer", "scheduler"] {
      try FileManager.default.removeItem(atPath: "\(model)/\(part)")
    }
    let error = DiffusionError(
      .missingInput,
      "\(model): a UNet2DConditionModel without scheduler, tokenizer, vae: put it in place of the unet of the model "
        + "that its training began with, and open that")
    #expect(throws: error) { try source("m").modelIndex() }
  }

  @Test("is refused where nothing can be told")
  func refused() throws {
    try make(["train/checkpoint-9/unet", "train/checkpoint-10/unet", "vae"])
    let config = "\(scratch.path)/vae/config.json"
    let text = String(decoding: try FileAccess.read(config), as: UTF8.self)
    try scratch.write(text.replacing("\"UNet2DModel\"", with: "\"AutoencoderKL\""), "vae/config.json")
    try scratch.write(SafeTensorsBytes.zeros(["a"]), "lonely/x.safetensors")
    let expected: [String: DiffusionError] = [
      "train": DiffusionError(
        .missingInput, "train/model_index.json: missing; open a checkpoint, such as train/checkpoint-10"),
      "vae": DiffusionError(
        .badData,
        "vae/config.json: _class_name is 'AutoencoderKL': without a model_index.json beside it, expected UNet2DModel "
          + "or UNet2DConditionModel"),
      "lonely": DiffusionError(
        .missingInput,
        "lonely/x.safetensors: weights without their configuration: expected lonely/config.json, which names a UNet, "
          + "as save_pretrained writes it beside them"),
    ]
    for (name, error) in expected {
      let found = try #require(throws: DiffusionError.self) { try source(name).modelIndex() }
      #expect(found.kind == error.kind)
      #expect(found.message.replacing("\(scratch.path)/", with: "") == error.message)
    }
  }

  @Test("has a receipt that names what was assumed, and the same one again")
  func receipt() throws {
    try make(["checkpoint-500/unet"])
    let first = try ReceiptModel(hashing: source("checkpoint-500")),
      again = try ReceiptModel(hashing: source("checkpoint-500"))
    #expect(first == again)
    #expect(
      first.files.map(\.name) == [
        "model_index.json (assumed)", "unet/config.json", "unet/scheduler_config.json (assumed)",
        "unet/\(Self.weights)",
      ])
  }

  @Test("has one key for all spellings of its path", arguments: ["", "/unet", "/unet/\(weights)"])
  func keys(_ part: String) throws {
    try make(["a/m/unet"])
    try FileManager.default.createSymbolicLink(
      atPath: "\(scratch.path)/link", withDestinationPath: "\(scratch.path)/a/m")
    let keys = try ["a/m", "a/./m", "a/../a/m", "a//m", "link", "./link"].flatMap { name in
      try (part.hasSuffix(Self.weights) ? [""] : ["", "/", "/."]).map { try source(name + part + $0).key }
    }
    #expect(
      Set(keys) == ["\(try FileManager.default.destinationOfSymbolicLink(atPath: "\(scratch.path)/link"))\(part)"])
    #expect(try source("a/m").key != source("a/m/unet").key)
  }

  @Test("reached by a link is what it is without")
  func links() throws {
    try make(
      ["out/checkpoint-500/unet"],
      ["out/model_index.json": Self.index, "out/scheduler/scheduler_config.json": Self.cosine])
    try FileManager.default.createSymbolicLink(
      atPath: "\(scratch.path)/link", withDestinationPath: "\(scratch.path)/out/checkpoint-500/unet")
    for name in ["link", "link/.", "out/checkpoint-500/unet/../unet", "out/checkpoint-500/unet/.."] {
      let found = try opened(name)
      #expect(found.warnings.first?.contains("opened as the unet of") == true, "\(name): \(found.warnings)")
      #expect(try #require(found.scheduler as? DDPMScheduler).config.betaSchedule == .squaredcosCapV2)
    }
  }
}
