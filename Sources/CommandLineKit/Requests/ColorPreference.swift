import DiffusionCore
import DiffusionTUI

/// The value of `--color`.
public enum ColorPreference: Sendable, Equatable {
  /// As NO_COLOR and the terminal specify.
  case automatic
  /// A fixed number of colours, whatever they specify.
  case tier(ColorTier)

  /// Parses `auto`, `truecolor`, `256`, `16`, `8` or `mono`.
  ///
  /// - Parameter option: The name of the option in error messages.
  /// - Throws: ``DiffusionError`` (`usage`) that names the option and its values.
  public init(parsing text: String, option: String) throws {
    if text == "auto" {
      self = .automatic
    } else if let tier = ColorTier(rawValue: text) {
      self = .tier(tier)
    } else {
      let known = ["auto"] + ColorTier.allCases.map(\.rawValue)
      let near = NearestName.question(text, among: known)
      throw DiffusionError(
        .usage, "\(option): '\(text)' is unknown: \(near)expected \(known.joined(separator: ", "))")
    }
  }
}
