import DiffusionTUI

/// The appearance of the explorer, as far as options or config.toml specify it.
public struct Appearance: Sendable, Equatable {
  /// The name of the theme, or nil for the default.
  public var theme: String?
  /// The colours requested, or nil for those of the terminal.
  public var color: ColorPreference?
  /// The renderer of images, or nil for half blocks.
  public var renderer: ImageRendererKind?
  /// Whether it is for a projector.
  public var isPresenter = false

  /// Creates an appearance; by default nothing is specified.
  public init(
    theme: String? = nil, color: ColorPreference? = nil, renderer: ImageRendererKind? = nil, isPresenter: Bool = false
  ) {
    self.theme = theme
    self.color = color
    self.renderer = renderer
    self.isPresenter = isPresenter
  }

  /// The colours requested, or nil for those of the terminal.
  public var colorTier: ColorTier? {
    if case .tier(let tier) = color { return tier }
    return nil
  }

  /// This appearance, with unspecified parts from another.
  func over(_ other: Appearance) -> Appearance {
    Appearance(
      theme: theme ?? other.theme, color: color ?? other.color, renderer: renderer ?? other.renderer,
      isPresenter: isPresenter || other.isPresenter)
  }
}
