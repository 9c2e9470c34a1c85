import ArgumentParser
import DiffusionCore

/// MODEL: the argument of every command that takes a model; the demo model by default.
struct ModelArgument: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      """
      A folder in Diffusers' layout, or a Hub id (owner/name) that is in the Hub's cache; a folder of that name \
      takes precedence. If omitted, or ddpm-emoji-32, the built-in demo model.
      """
    ))
  var model: String?

  /// The model named, or the demo model.
  var reference: ModelReference { ModelReference(model) }
}
