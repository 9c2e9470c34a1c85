import ArgumentParser
import DiffusionCore

/// MODEL: the argument of every command that takes a model; the demo model by default.
struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      A folder in Diffusers' layout, or a Hub id (owner/name) that is in the Hub's cache; a folder of that name \
      takes precedence. ddpm-emoji-32 and sd-emoji-64 are part of the program: if omitted, sd-emoji-64 with a \
      prompt, else ddpm-emoji-32.
      """
    ))
  var model: String?

  /// The model named, or the demo model.
  var reference: ModelReference { ModelReference(model) }

  /// The model named, or the demo model that settings mean.
  func reference(for settings: RunSettings) -> ModelReference {
    model.map { ModelReference($0) } ?? ModelReference(meantBy: settings)
  }
}
