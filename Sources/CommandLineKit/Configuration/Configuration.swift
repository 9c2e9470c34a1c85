import DiffusionTUI

/// What a person's config.toml says: keys, and what the explorer starts with where no option says otherwise.
public struct Configuration: Sendable, Equatable {
  /// The keys and what they ask for.
  package var keyMap = KeyMap.standard
  /// The theme, the colours and the renderer.
  public var appearance = Appearance()
  /// How fast playback is at first; nil for the standard speed.
  public var speed: PlaybackSpeed?
  /// Whether the mouse is captured at first.
  public var capturesMouse = true

  /// What counts where there is no file.
  public init() {}
}
