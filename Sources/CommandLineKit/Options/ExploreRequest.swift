import DiffusionCore

/// What `explore` was asked for, read and checked.
public struct ExploreRequest: Sendable {
  /// The model that was named, or nil for the demo model.
  public let model: String?
  /// What the first run starts with.
  public let settings: RunSettings
  /// How it shall look.
  public let appearance: Appearance
}
