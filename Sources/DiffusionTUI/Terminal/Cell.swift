/// One place on the screen: a character one column wide, and how it looks.
public struct Cell: Sendable, Hashable {
  /// The character; always one column wide.
  public var character: Character
  /// How it looks.
  public var style: Style

  /// Makes a cell; an empty one by default.
  public init(_ character: Character = " ", _ style: Style = Style()) {
    self.character = character
    self.style = style
  }
}
