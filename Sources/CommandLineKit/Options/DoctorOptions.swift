import ArgumentParser

/// The options of `doctor`.
public struct DoctorOptions: ParsableArguments {
  /// Whether to print JSON.
  @Flag(help: "Print one JSON object instead of tables.")
  public var json = false

  /// Options as they stand when none is given.
  public init() {}
}
