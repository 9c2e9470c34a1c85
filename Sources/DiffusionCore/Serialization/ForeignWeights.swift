/// Weights that are no network of Diffusers, told by the names of their tensors.
enum ForeignWeights {
  /// Changes to the weights of a model.
  case lora
  /// All networks of a pipeline in one file, as Stable Diffusion's own code and most user interfaces have them.
  case singleFile
  /// A ControlNet in one file.
  case controlNet
  /// A network in one file with the names of another project.
  case project(String)
  /// The vectors of new words.
  case textualInversion

  private static let loraMarks = ["lora", "lokr_", "hada_w", "lycoris"]
  private static let singleFileStarts = [
    "model.diffusion_model.", "first_stage_model.", "cond_stage_model.", "conditioner.embedders.", "model_ema.",
  ]
  /// How a network's names begin, and whose they are.
  private static let projects = [
    ("input_blocks.", "CompVis or OpenAI"), ("diffusion_model.", "CompVis or OpenAI"),
    ("encoder.down.", "CompVis"), ("down.0.block.", "the first DDPM code"), ("temb.", "the first DDPM code"),
    ("downs.", "denoising-diffusion-pytorch"), ("model.downs.", "denoising-diffusion-pytorch"),
    ("ema_model.", "denoising-diffusion-pytorch"), ("double_blocks.", "Flux"), ("joint_blocks.", "Stability AI"),
  ]

  /// Recognises weights by their names; nil for names that say nothing.
  init?(names: some Collection<String>) {
    let isLoRA = names.contains { name in
      let name = name.lowercased()
      return Self.loraMarks.contains { name.contains($0) }
    }
    if isLoRA {
      self = .lora
    } else if names.contains(where: { $0.hasPrefix("control_model.") }) {
      self = .controlNet
    } else if names.contains(where: { name in Self.singleFileStarts.contains { name.hasPrefix($0) } }) {
      self = .singleFile
    } else if let found = Self.projects.first(where: { start in names.contains { $0.hasPrefix(start.0) } }) {
      self = .project(found.1)
    } else if names.contains(where: { $0 == "string_to_param" || $0 == "emb_params" || $0.hasPrefix("<") }) {
      self = .textualInversion
    } else {
      return nil
    }
  }

  /// What the file is, and what would do.
  func error(_ path: String) -> DiffusionError {
    let message =
      switch self {
      case .lora:
        "LoRA weights, which change a model and are none themselves; in Python, load their model as pipe, then "
          + "pipe.load_lora_weights(FILE), pipe.fuse_lora() and pipe.save_pretrained(FOLDER)"
      case .singleFile:
        "a whole pipeline in a single file; in Python, StableDiffusionPipeline.from_single_file(FILE)"
          + ".save_pretrained(FOLDER) makes a folder that can be opened"
      case .controlNet:
        "a ControlNet in a single file, which steers a model and is none itself; in Python, "
          + "ControlNetModel.from_single_file(FILE).save_pretrained(FOLDER) converts it"
      case .project(let name):
        "weights with the names of \(name), not of Diffusers; convert them with from_single_file or a script of "
          + "diffusers/scripts, then save_pretrained(FOLDER)"
      case .textualInversion:
        "a textual inversion, the vectors of new words and no model; in Python, load its model as pipe, then "
          + "pipe.load_textual_inversion(FILE) and pipe.save_pretrained(FOLDER)"
      }
    return DiffusionError(.badData, "\(path): \(message)")
  }
}
