import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// Weights that other programs write, and what would do.
@Suite("Weights of other projects are refused by name") struct ForeignWeightsTests {
  private static let names: [(names: [String], message: String)] = [
    (["unet.down_blocks.0.attentions.0.to_q.lora_A.weight"], "LoRA weights, which change a model"),
    (["lora_unet_down_blocks_0_attentions_0_proj_in.lora_down.weight"], "LoRA weights, which change a model"),
    (["mid_block.processor.to_q_lora.down.weight"], "LoRA weights, which change a model"),
    (["lora_te_text_model.hada_w1_a"], "LoRA weights, which change a model"),
    (["model.diffusion_model.time_embed.0.weight", "first_stage_model.x"], "a whole pipeline in a single file"),
    (["cond_stage_model.transformer.x"], "a whole pipeline in a single file"),
    (["control_model.input_hint_block.0.weight"], "a ControlNet in a single file"),
    (["input_blocks.0.0.weight"], "weights with the names of CompVis or OpenAI"),
    (["down.0.block.0.conv1.weight"], "weights with the names of the first DDPM code"),
    (["<cat-toy>"], "a textual inversion, the vectors of new words"),
  ]

  private static func torch(_ dictionary: [UInt8]) -> [UInt8] {
    TorchBytes.archive([0x80, 2] + dictionary + [0x2E], storages: ["0": [0, 0, 0, 0]])
  }

  private static func dictionary(_ names: [String]) -> [UInt8] {
    Array("}".utf8)
      + names.flatMap { TorchBytes.text($0) + TorchBytes.tensor(shape: [1], strides: [1], count: 1) + Array("s".utf8) }
  }

  /// The same tensors as safetensors, as a dict of torch, inside one, and inside one with a class of another project.
  @Test("in every format", arguments: names.indices)
  func formats(_ index: Int) throws {
    let (names, message) = Self.names[index], scratch = try ScratchFolder()
    let inner = Self.dictionary(names),
      wrapped = Array("}".utf8) + TorchBytes.text("state_dict") + inner + Array("s".utf8)
    let callback = TorchBytes.text("callbacks") + TorchBytes.global("pytorch_lightning.callbacks", "ModelCheckpoint")
    let files = [
      ("x.safetensors", SafeTensorsBytes.zeros(names)), ("x.bin", Self.torch(inner)), ("x.ckpt", Self.torch(wrapped)),
      ("lightning.ckpt", Self.torch(wrapped + callback + Array("s".utf8))),
    ]
    for (name, bytes) in files {
      let path = try scratch.write(bytes, "m/\(name)")
      let error = try #require(throws: DiffusionError.self) {
        try ModelSource(resolving: path, environment: [:]).modelIndex()
      }
      #expect(error.kind == .badData && error.message.hasPrefix("\(path): \(message)"), "\(error.message)")
      #expect(error.message.contains("save_pretrained(FOLDER)") && !error.message.contains("\n"))
      let folder = #expect(throws: DiffusionError.self) {
        try ModelSource(resolving: "\(scratch.path)/m", environment: [:]).modelIndex()
      }
      #expect(folder == error, "by their folder")
      try FileManager.default.removeItem(atPath: path)
    }
  }

  @Test("where a model should have its own")
  func inPlaceOfAModels() throws {
    let scratch = try ScratchFolder(), model = "\(scratch.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: model)
    let path = "\(model)/unet/diffusion_pytorch_model.safetensors"
    try scratch.write(
      SafeTensorsBytes.zeros(["lora_unet_x.lora_up.weight"]), "m/unet/diffusion_pytorch_model.safetensors")
    let error = #expect(throws: DiffusionError.self) { try DiffusionPipeline.fromPretrained(model, threads: 1) }
    #expect(error?.message.hasPrefix("\(path): LoRA weights") == true)
  }

  @Test("but not those that only have no configuration")
  func others() throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write(SafeTensorsBytes.zeros(["conv_in.weight", "down_blocks.0.x"]), "x.safetensors")
    let error = #expect(throws: DiffusionError.self) { try ModelSource(resolving: path, environment: [:]).modelIndex() }
    #expect(error?.kind == .missingInput && error?.message.contains("weights without their configuration") == true)
  }
}

/// What Diffusers opens with a warning opens with a warning.
@Suite("Weights that differ from the configuration's") struct WeightNoteTests {
  /// The fixture's UNet with other tensors.
  private func warnings(_ file: String, in name: String) throws -> [String] {
    let scratch = try ScratchFolder(), model = "\(scratch.path)/m"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: model)
    try FileManager.default.removeItem(atPath: "\(model)/unet/diffusion_pytorch_model.safetensors")
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/torch/\(file)", toPath: "\(model)/unet/\(name)")
    let pipeline = try DDIMPipeline.fromPretrained(model, threads: 1)
    let reference = try DDIMPipeline.fromPretrained("\(Fixtures.folder)/unet/no-attention", threads: 1)
    func hash(_ pipeline: DiffusionPipeline) throws -> String {
      ContentHash.sha256(
        try pipeline(numInferenceSteps: 2, generator: Generator(device: .cpu).manualSeed(0)).images)
    }
    #expect(try hash(pipeline) == hash(reference))
    return pipeline.warnings.map { $0.replacing("\(model)/unet/", with: "") }
  }

  @Test("are told of in a line each: F64, and tensors that nothing reads", arguments: ["safetensors", "bin"])
  func notes(_ ending: String) throws {
    let name = "diffusion_pytorch_model.\(ending)"
    #expect(
      try warnings("no-attention-more.\(ending)", in: name) == [
        "\(name): the configuration has no use for tensors extra.bias, steps, training.weight: left out, as in "
          + "Diffusers",
        "\(name): F64 in 104 of 104 tensors: rounded to F32, as in Diffusers",
      ])
  }
}
