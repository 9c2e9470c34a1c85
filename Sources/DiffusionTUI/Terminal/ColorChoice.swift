/// The chosen number of colours, and the reason for the choice.
public struct ColorChoice: Sendable, Hashable {
  /// The colours to use.
  public let tier: ColorTier
  /// The reason, for the help screen: "COLORTERM=truecolor".
  public let reason: String
}

extension ColorTier {
  /// Chooses how many colours to use. The first of these decides: the option; `NO_COLOR`, if it is not empty
  /// (no-color.org); `COLORTERM` of `truecolor` or `24bit`, a `TERM` that ends in `-direct`, or running inside tmux;
  /// the number of colours in terminfo.
  ///
  /// GNU screen is never promoted to 24-bit colour: versions up to 4 mangle such sequences, and `TERM` does not tell
  /// the version. Neither are terminals without colours in terminfo, nor the Linux console, where `COLORTERM` was
  /// inherited from elsewhere.
  ///
  /// - Parameters:
  ///   - flag: The value of `--color`; nil for `auto`.
  ///   - environment: The environment of the process.
  ///   - terminfoColors: The capability `colors`; 0 or less where it is missing.
  public static func choose(flag: ColorTier?, environment: [String: String], terminfoColors: Int) -> ColorChoice {
    let term = environment["TERM"] ?? ""
    if let flag { return ColorChoice(tier: flag, reason: "--color \(flag.rawValue)") }
    if let value = environment["NO_COLOR"], !value.isEmpty {
      return ColorChoice(tier: .mono, reason: "NO_COLOR=\(value)")
    }
    if let reason = promotion(term: term, environment: environment, terminfoColors: terminfoColors) {
      return ColorChoice(tier: .trueColor, reason: reason)
    }
    let tier: ColorTier
    switch terminfoColors {
    case 256...: tier = .palette256
    case 16...: tier = .ansi16
    case 8...: tier = .ansi8
    default: tier = .mono
    }
    return ColorChoice(tier: tier, reason: "TERM=\(term) has \(max(0, terminfoColors)) colors")
  }

  private static func promotion(term: String, environment: [String: String], terminfoColors: Int) -> String? {
    let insideTmux = !(environment["TMUX"] ?? "").isEmpty
    let isGNUScreen = term.hasPrefix("screen") && !insideTmux
    guard terminfoColors >= 8, !isGNUScreen, !term.hasPrefix("linux") else { return nil }
    if let value = environment["COLORTERM"], value == "truecolor" || value == "24bit" { return "COLORTERM=\(value)" }
    if term.hasSuffix("-direct") { return "TERM=\(term)" }
    return insideTmux ? "inside tmux" : nil
  }
}
