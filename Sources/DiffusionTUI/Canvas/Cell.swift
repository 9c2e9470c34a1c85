/// One place on the screen: a character and how it looks. A wide character takes two of them, side by side.
public struct Cell: Sendable, Hashable {
  /// How much of its character a cell holds.
  public enum Part: Sendable, Hashable {
    /// All of it.
    case whole
    /// The half where a wide character is drawn.
    case leftHalf
    /// The half that it reaches into. Nothing is drawn here.
    case rightHalf
  }

  /// The character; in both halves of a wide one the same.
  public var character: Character
  /// How it looks.
  public var style: Style
  /// How much of the character is here. A frame alone makes halves, and always both.
  public internal(set) var part = Part.whole

  /// Makes a cell; an empty one by default.
  public init(_ character: Character = " ", _ style: Style = Style()) {
    self.character = character
    self.style = style
  }
}

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

/// A colour: red, green and blue in sRGB, 0 to 255.
public struct RGB: Sendable, Hashable {
  /// The components.
  public var red, green, blue: UInt8

  /// Makes a colour of its components.
  public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) {
    self.red = red
    self.green = green
    self.blue = blue
  }
}
