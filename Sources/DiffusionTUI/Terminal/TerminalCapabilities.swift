/// What a terminal can show.
public struct TerminalCapabilities: Sendable, Hashable {
  /// How many colours it has.
  public var colorTier: ColorTier
  /// Whether it shows characters beyond ASCII (blocks, lines, arrows).
  public var unicode: Bool
  /// Why that tier was chosen, for the help screen: "COLORTERM=truecolor".
  public var reason: String

  /// Describes a terminal.
  public init(colorTier: ColorTier, unicode: Bool, reason: String = "") {
    self.colorTier = colorTier
    self.unicode = unicode
    self.reason = reason
  }
}
