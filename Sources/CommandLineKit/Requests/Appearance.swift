import DiffusionTUI

/// How the explorer shall look, as far as options or config.toml say so.
public struct Appearance: Sendable, Equatable {
  /// The theme that was named, or nil for the default.
  public var theme: String?
  /// How many colours were asked for, or nil for what the terminal has.
  public var color: ColorPreference?
  /// How images are drawn, or nil for half blocks.
  public var renderer: ImageRendererKind?
  /// Whether it is for a projector.
  public var isPresenter = false

  /// Describes a look; by default nothing is asked for.
  public init(
    theme: String? = nil, color: ColorPreference? = nil, renderer: ImageRendererKind? = nil, isPresenter: Bool = false
  ) {
    self.theme = theme
    self.color = color
    self.renderer = renderer
    self.isPresenter = isPresenter
  }

  /// The colours that were asked for, or nil for what the terminal has.
  public var colorTier: ColorTier? {
    if case .tier(let tier) = color { return tier }
    return nil
  }

  /// This look, and where it asks for nothing, another.
  func over(_ other: Appearance) -> Appearance {
    Appearance(
      theme: theme ?? other.theme, color: color ?? other.color, renderer: renderer ?? other.renderer,
      isPresenter: isPresenter || other.isPresenter)
  }
}
