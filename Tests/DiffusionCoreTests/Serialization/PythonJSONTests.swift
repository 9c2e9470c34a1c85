import DiffusionCore
import FoundationEssentials
import TestSupport
import Testing

/// Configurations are read as Python and Diffusers read them.
@Suite struct PythonJSONTests {
  private static let flags = [
    "DDIMScheduler": ["clip_sample", "set_alpha_to_one", "thresholding", "rescale_betas_zero_snr"],
    "DDPMScheduler": ["clip_sample", "thresholding", "rescale_betas_zero_snr"],
    "PNDMScheduler": ["skip_prk_steps", "set_alpha_to_one"],
    "EulerDiscreteScheduler": ["rescale_betas_zero_snr", "use_karras_sigmas"],
    "LMSDiscreteScheduler": ["use_karras_sigmas"],
  ]

  private func source(_ className: String, _ json: String) throws -> SchedulerSource {
    SchedulerSource(
      className: className, reader: try ConfigurationReader(json: Array(json.utf8), file: "f"),
      pipeline: try #require(PipelineClass.all.first { $0.className == "DDPMPipeline" }))
  }

  /// A copy of a fixture's model with its JSON files changed.
  private func copy(in scratch: ScratchFolder, change: (_ file: String, _ text: String) -> String) throws -> String {
    let folder = "\(scratch.path)/model", manager = FileManager.default
    try manager.copyItem(atPath: "\(Fixtures.folder)/unet/no-attention", toPath: folder)
    for path in ["model_index.json", "unet/config.json", "scheduler/scheduler_config.json"] {
      let text = String(decoding: try FileAccess.read("\(folder)/\(path)"), as: UTF8.self)
      let name = path.split(separator: "/").last.map(String.init) ?? path
      try scratch.write(change(name, text), "model/\(path)")
    }
    return folder
  }

  @Test("null is false", arguments: flags.keys.sorted())
  func nullIsFalse(className: String) throws {
    for flag in try #require(Self.flags[className]) {
      let null = try source(className, "{\"\(flag)\": null}").scheduler(className)
      let no = try source(className, "{\"\(flag)\": false}").scheduler(className)
      #expect(null.config.values[flag] == .bool(false), "\(flag)")
      #expect(null.config.values == no.config.values)
    }
  }

  @Test("null is false for a model", arguments: ["center_input_sample", "flip_sin_to_cos", "add_attention"])
  func nullIsFalseForModels(flag: String) throws {
    #expect(
      try UNet2DModelConfig(json: Array("{\"\(flag)\": null}".utf8))
        == UNet2DModelConfig(json: Array("{\"\(flag)\": false}".utf8)))
  }

  /// As Diffusers writes it where DPMSolver's configuration became DDIM's.
  @Test("options of other classes may be infinite or NaN")
  func infinity() throws {
    let json = #"{"lambda_min_clipped": -Infinity, "a": NaN, "b": [Infinity], "num_train_timesteps": 10}"#
    #expect(try DDIMSchedulerConfig(json: Array(json.utf8)).numTrainTimesteps == 10)
    let model = "{\"a\": -Infinity, \"layers_per_block\": 3}"
    #expect(try UNet2DModelConfig(json: Array(model.utf8)).layersPerBlock == 3)
  }

  @Test("an infinite option goes into a receipt and back")
  func infiniteOption() throws {
    let config = try DDIMSchedulerConfig(json: Array("{\"clip_sample_range\": Infinity}".utf8))
    #expect(config.values["clip_sample_range"] == .number(.infinity))
    let scheduler = try ReceiptScheduler(DDIMScheduler(config: config))
    let receipt = Array(try JSONEncoder().encode(scheduler))
    #expect(try JSONText.decode(ReceiptScheduler.self, from: receipt, source: "f") == scheduler)
  }

  @Test("the last of repeated keys counts, with a warning for the pipeline")
  func repeats() throws {
    let scratch = try ScratchFolder()
    let folder = try copy(in: scratch) { name, text in
      switch name {
      case "model_index.json": text.replacing("{", with: "{\n  \"_class_name\": \"None\",", maxReplacements: 1)
      case "config.json": text.replacing("{", with: "{\n  \"norm_eps\": 1,", maxReplacements: 1)
      default: text.replacing("{", with: "{\n  \"num_train_timesteps\": 3,", maxReplacements: 1)
      }
    }
    let pipeline = try DiffusionPipeline.fromPretrained(folder, threads: 1)
    #expect(try pipeline.unet.config.normEps != 1)
    #expect(pipeline.warnings.count == 3)
    for (warning, key) in zip(pipeline.warnings, ["_class_name", "norm_eps", "num_train_timesteps"]) {
      #expect(warning.hasPrefix(folder) && warning.hasSuffix(": key '\(key)' occurs again: the last one counts"))
    }
    let run = try pipeline.run(RunSettings(steps: 2, threads: 1))
    #expect(run.warnings == pipeline.warnings)
  }

  @Test(
    "repeated keys of a tokenizer's files are warned of as well",
    arguments: [("tokenizer_config.json", "model_max_length"), ("vocab.json", "cat</w>")])
  func tokenizerRepeats(file: String, key: String) throws {
    let scratch = try ScratchFolder(), folder = "\(scratch.path)/model"
    try FileManager.default.copyItem(atPath: "\(Fixtures.folder)/stable-diffusion/sd1", toPath: folder)
    let path = "tokenizer/\(file)"
    let text = String(decoding: try FileAccess.read("\(folder)/\(path)"), as: UTF8.self)
    try scratch.write(text.replacing("{", with: "{\n  \"\(key)\": 3,", maxReplacements: 1), "model/\(path)")
    let warnings = try DiffusionPipeline.fromPretrained(folder, threads: 1).warnings.filter { $0.contains(key) }
    #expect(warnings.count == 1)
    #expect(warnings.first?.hasPrefix("\(folder)/\(path): ") == true)
    #expect(warnings.first?.hasSuffix(": key '\(key)' occurs again: the last one counts") == true)
  }

  @Test("every file with a comma missing names its line", arguments: ["model_index.json", "config.json", "scheduler"])
  func positions(name: String) throws {
    let scratch = try ScratchFolder()
    let folder = try copy(in: scratch) { file, text in
      file.hasPrefix(name) ? text.replacing(",\n", with: "\n", maxReplacements: 1) : text
    }
    let error = try #require(throws: DiffusionError.self) { try DiffusionPipeline.fromPretrained(folder, threads: 1) }
    #expect(error.kind == .badData && error.message.contains(name))
    #expect(error.message.contains(": not valid JSON: line 3, column 3: expected a comma or }, found '\"'"))
  }
}
