import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options of the explorer's appearance.
public struct AppearanceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A built-in theme or one in $XDG_CONFIG_HOME/diffusion-tui/themes.", valueName: "t"),
    completion: .themes)
  var theme: String?

  @Option(
    help: ArgumentHelp(
      """
      Colours: auto, truecolor, 256, 16, 8 or mono. auto follows NO_COLOR and the terminal; for a snapshot it is \
      truecolor. (default: auto)
      """,
      valueName: "c"),
    completion: .list(["auto"] + ColorTier.allCases.reversed().map(\.rawValue)))
  var color: String?

  @Option(
    help: ArgumentHelp("How images are drawn: \(ImageRendererKind.names). (default: half-block)", valueName: "r"),
    completion: .cases(of: ImageRendererKind.self))
  var renderer: String?

  @Flag(
    help: ArgumentHelp(
      """
      For a projector: bold text with more space and fewer numbers, slow playback, and the keys pressed, in a \
      corner.
      """
    ))
  var presenter = false

  /// Creates options with their defaults.
  public init() {}
}

extension AppearanceOptions {
  /// Reads the options. Whether the theme exists is checked when it is loaded.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and its values.
  public func appearance() throws -> Appearance {
    Appearance(
      theme: theme, color: try color.map { try ColorPreference(parsing: $0, option: "--color") },
      renderer: try renderer.map(ImageRendererKind.init(parsing:)), isPresenter: presenter)
  }
}
