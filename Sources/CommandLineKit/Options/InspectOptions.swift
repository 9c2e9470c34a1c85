import ArgumentParser
import DiffusionCore

/// The options of `inspect`.
public struct InspectOptions: ParsableArguments {
  @OptionGroup
  var model: ModelArgument

  /// Whether JSON was requested.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Creates options with their defaults.
  public init() {}

  /// The model.
  public var modelReference: ModelReference { model.reference }
}

/// The options of `doctor`.
public struct DoctorOptions: ParsableArguments {
  /// Whether to print JSON.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Creates options with their defaults.
  public init() {}
}
