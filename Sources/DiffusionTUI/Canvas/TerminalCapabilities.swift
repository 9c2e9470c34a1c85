/// The capabilities of a terminal: colours, characters and pixel graphics.
public struct TerminalCapabilities: Sendable, Hashable {
  /// The number of colours.
  public var colorTier: ColorTier
  /// Whether it shows characters beyond ASCII (blocks, lines, arrows).
  public var unicode: Bool
  /// Why that tier was chosen, for the help screen: "COLORTERM=truecolor".
  public var reason: String
  /// Whether it shows images by kitty's graphics protocol.
  public var pixelGraphics: Bool
  /// Why pixel graphics are on or off, for the help screen: "TERM=xterm-kitty".
  public var pixelGraphicsReason: String

  /// Creates a description of a terminal.
  public init(
    colorTier: ColorTier, unicode: Bool, reason: String = "", pixelGraphics: Bool = false,
    pixelGraphicsReason: String = ""
  ) {
    self.colorTier = colorTier
    self.unicode = unicode
    self.reason = reason
    self.pixelGraphics = pixelGraphics
    self.pixelGraphicsReason = pixelGraphicsReason
  }
}
