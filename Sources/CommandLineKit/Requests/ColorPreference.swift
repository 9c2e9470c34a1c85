import DiffusionCore
import DiffusionTUI

/// What `--color` takes.
public enum ColorPreference: Sendable, Equatable {
  /// What NO_COLOR and the terminal say.
  case automatic
  /// So many, whatever they say.
  case tier(ColorTier)

  /// Reads `auto`, `truecolor`, `256`, `16`, `8` or `mono`.
  ///
  /// - Parameter option: What an error calls it.
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and what it takes.
  public init(parsing text: String, option: String) throws {
    if text == "auto" {
      self = .automatic
    } else if let tier = ColorTier(rawValue: text) {
      self = .tier(tier)
    } else {
      let known = ColorTier.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "\(option): '\(text)' is unknown: expected auto, \(known)")
    }
  }
}
