/// How a cell looks. A nil colour is the terminal's own.
public struct Style: Sendable, Hashable {
  /// What a terminal can add to a colour.
  public struct Attributes: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8
    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Heavier strokes.
    public static let bold = Attributes(rawValue: 1)
    /// Fainter strokes.
    public static let dim = Attributes(rawValue: 2)
    /// A line below.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background change places.
    public static let reverse = Attributes(rawValue: 8)
  }

  /// The colour of the character.
  public var foreground: RGB?
  /// The colour behind it.
  public var background: RGB?
  /// What is added.
  public var attributes: Attributes

  /// Makes a style.
  public init(foreground: RGB? = nil, background: RGB? = nil, attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}
