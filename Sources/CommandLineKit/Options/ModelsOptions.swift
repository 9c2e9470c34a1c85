import ArgumentParser
import DiffusionCore

/// The options of `models`.
public struct ModelsOptions: ParsableArguments {
  /// Whether to print JSON.
  @Flag(help: "Print one JSON object instead of a table.")
  public var json = false

  /// Creates options with their defaults.
  public init() {}
}

/// The name of a model of the Hub.
public struct HubModelArgument: ParsableArguments {
  @Argument(
    help: "A model of the Hub: owner/name, or owner/name@revision for a branch, a tag or a commit.",
    completion: .cachedModels)
  var name: String

  /// Creates the argument.
  public init() {}

  /// The model.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for a name that no model of the Hub can have.
  public func hubName() throws -> HubName {
    if ModelReference.builtInNames.contains(name) {
      throw DiffusionError(.usage, "\(name) is part of the program: it is neither downloaded nor removed")
    }
    guard let found = HubName(name) else {
      throw DiffusionError(
        .usage, "'\(name)' is not the name of a model of the Hub: expected owner/name or owner/name@revision")
    }
    return found
  }
}

/// The options of `models pull`.
public struct PullOptions: ParsableArguments {
  @OptionGroup var model: HubModelArgument
  @OptionGroup var weights: VariantOption

  /// Creates options with their defaults.
  public init() {}

  /// The model and the kind of weights that is preferred.
  ///
  /// - Throws: ``DiffusionError`` (`usage`).
  public func request() throws -> (name: HubName, variant: String?) {
    try weights.check()
    return (try model.hubName(), weights.variant)
  }
}
