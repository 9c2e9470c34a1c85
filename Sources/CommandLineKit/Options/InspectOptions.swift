import ArgumentParser

/// The options of `inspect`.
public struct InspectOptions: ParsableArguments {
  /// The model that was named, or nil for the demo model.
  @Argument(
    help: ArgumentHelp(
      "A folder in Diffusers' layout, or a Hub id (owner/name) that is in the Hub's cache; a folder of that name comes first. Left out, or ddpm-emoji-32: the demo model, which is part of this program."
    ))
  public var model: String?

  /// Whether JSON was asked for.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Options as they stand when none is given.
  public init() {}
}
