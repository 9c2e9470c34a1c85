import ArgumentParser
import DiffusionCore
import Glibc

/// MODEL: the argument of every command that takes a model; the demo model by default.
struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      A folder in Diffusers' layout, or a model of the Hub (owner/name[@revision]), which is downloaded if the Hub's \
      cache lacks it; a folder of that name takes precedence. ddpm-emoji-32 and sd-emoji-64 are part of the program: \
      if omitted, sd-emoji-64 with a prompt, else ddpm-emoji-32.
      """
    ), completion: .models)
  var model: String?

  @OptionGroup
  var weights: VariantOption

  /// The model named, or the demo model.
  var reference: ModelReference { ModelReference(model, variant: weights.variant) }

  /// The model named, or the demo model that settings mean.
  func reference(for settings: RunSettings) -> ModelReference {
    model == nil ? ModelReference(meantBy: settings) : reference
  }

  /// Refuses a variant that names no files.
  func validate() throws { try weights.check() }
}

/// --variant: the kind of weights that a model is opened with.
struct VariantOption: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      """
      The kind of weights to prefer where a model has several, as in Diffusers: fp16 for \
      diffusion_pytorch_model.fp16.safetensors.
      """,
      valueName: "name"),
    completion: .list(["fp16"]))
  var variant: String?

  /// Refuses a variant that names no files.
  func check() throws {
    guard let variant else { return }
    guard !variant.isEmpty, variant.utf8.allSatisfy({ $0 == 0x5F || isalnum(Int32($0)) != 0 }) else {
      throw DiffusionError(.usage, "--variant: '\(variant)' is not a kind of weights: expected a word such as fp16")
    }
  }
}
