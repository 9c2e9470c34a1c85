import DiffusionTUI

/// How the explorer shall look.
public struct Appearance: Sendable, Equatable {
  /// The theme that was named, or nil for the default.
  public let theme: String?
  /// The colours that were asked for, or nil for what the terminal has.
  public let colorTier: ColorTier?
  /// How images are drawn.
  public let renderer: ImageRendererKind
}
