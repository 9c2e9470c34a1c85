import ArgumentParser
import DiffusionCore
import DiffusionTUI

/// The options that decide how the explorer looks.
public struct AppearanceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "A built-in theme or one in $XDG_CONFIG_HOME/diffusion-tui/themes.", valueName: "t"))
  var theme: String?

  @Option(
    help: ArgumentHelp(
      "Colours: auto, truecolor, 256, 16, 8 or mono. auto looks at NO_COLOR and at the terminal; for a snapshot it is truecolor.",
      valueName: "c"))
  var color: String = "auto"

  @Option(help: ArgumentHelp("How images are drawn: half-block or ascii.", valueName: "r"))
  var renderer: String = ImageRendererKind.halfBlock.rawValue

  /// Options as they stand when none is given.
  public init() {}
}

extension AppearanceOptions {
  /// Reads the options. Whether there is a theme of that name shows when it is loaded.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and what it takes.
  public func appearance() throws -> Appearance {
    Appearance(theme: theme, colorTier: try colorTier(), renderer: try ImageRendererKind(parsing: renderer))
  }

  private func colorTier() throws -> ColorTier? {
    if color == "auto" { return nil }
    guard let tier = ColorTier(rawValue: color) else {
      let known = ColorTier.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "--color: '\(color)' is unknown: expected auto, \(known)")
    }
    return tier
  }
}
