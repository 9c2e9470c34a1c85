/// A cell of the screen: a character and its style. A wide character takes two cells, side by side.
public struct Cell: Sendable, Hashable {
  /// The part of a character that a cell holds.
  public enum Part: Sendable, Hashable {
    /// The whole character.
    case whole
    /// The left half of a wide character, where it is drawn.
    case leftHalf
    /// The right half of a wide character. Nothing is drawn here.
    case rightHalf
  }

  /// The character; the same in both halves of a wide one.
  public var character: Character
  /// The style.
  public var style: Style
  /// The part of the character in this cell. Only a frame creates halves, and always both.
  public internal(set) var part = Part.whole

  /// Creates a cell; an empty one by default.
  public init(_ character: Character = " ", _ style: Style = Style()) {
    self.character = character
    self.style = style
  }
}

/// The style of a cell. A nil colour is the terminal's default.
public struct Style: Sendable, Hashable {
  /// Text attributes of a terminal.
  public struct Attributes: OptionSet, Sendable, Hashable {
    /// The bits, one for each attribute.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Bold text.
    public static let bold = Attributes(rawValue: 1)
    /// Dim text.
    public static let dim = Attributes(rawValue: 2)
    /// Underlined text.
    public static let underline = Attributes(rawValue: 4)
    /// Foreground and background swapped.
    public static let reverse = Attributes(rawValue: 8)
  }

  /// The colour of the character.
  public var foreground: RGB?
  /// The colour behind it.
  public var background: RGB?
  /// The text attributes.
  public var attributes: Attributes

  /// Creates a style.
  public init(foreground: RGB? = nil, background: RGB? = nil, attributes: Attributes = []) {
    self.foreground = foreground
    self.background = background
    self.attributes = attributes
  }
}

/// A colour: red, green and blue in sRGB, 0 to 255.
public struct RGB: Sendable, Hashable {
  /// The components.
  public var red, green, blue: UInt8

  /// Creates a colour from its components.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
