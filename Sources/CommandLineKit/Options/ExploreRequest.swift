import DiffusionCore

/// What `explore` was asked for, read and checked.
public struct ExploreRequest: Sendable {
  /// The model that was named, or nil for the demo model.
  public let model: String?
  /// What the first run starts with.
  public let settings: RunSettings
  /// How it shall look.
  public let appearance: Appearance
  /// Whether lines are read and written instead of a screen.
  public var isPlain = false
  /// Whether it goes on where the last session of the model was.
  public var resumesSession = false
  /// Whether the next session may go on where this one ends.
  public var savesSession = false
}
