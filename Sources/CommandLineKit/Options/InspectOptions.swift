import ArgumentParser
import DiffusionCore

/// The options of `inspect`.
public struct InspectOptions: ParsableArguments {
  @OptionGroup
  var model: ModelArgument

  @OptionGroup
  var size: SizeOptions

  /// Whether JSON was requested.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Creates options with their defaults.
  public init() {}

  /// The model.
  public var modelReference: ModelReference { model.reference }

  /// The settings that the model's work is counted for: the height and width. It is opened with one thread.
  ///
  /// - Parameter environment: Where `DIFFUSION_ISA` may select the instruction set of `cpu`.
  /// - Throws: ``DiffusionError`` (`usage`) for a size beyond ``RunSettings/maximumSide``.
  public func settings(environment: [String: String]) throws -> RunSettings {
    try size.settings(environment: environment, and: ["threads": ["1"]])
  }
}

/// The options of `doctor`.
public struct DoctorOptions: ParsableArguments {
  /// Whether to print JSON.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Creates options with their defaults.
  public init() {}
}
