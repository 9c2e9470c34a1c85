/// What a mouse did, in cells of the screen.
public struct MouseEvent: Sendable, Hashable {
  /// What happened.
  public enum Kind: Sendable, Hashable {
    case press, release
    /// It was moved with a button held.
    case drag
    case wheelUp, wheelDown, wheelLeft, wheelRight
  }

  /// Which button; `none` for the wheel, and where a terminal does not say.
  public enum Button: Sendable, Hashable {
    case left, middle, right, none
  }

  /// The keys that were held.
  public struct Modifiers: OptionSet, Sendable, Hashable {
    /// One bit for each.
    public let rawValue: UInt8
    /// Makes a set of its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Shift. Most terminals keep it to themselves, to select text in spite of the capture.
    public static let shift = Modifiers(rawValue: 1)
    /// Alt, or Meta.
    public static let alt = Modifiers(rawValue: 2)
    /// Ctrl.
    public static let control = Modifiers(rawValue: 4)
  }

  /// What happened.
  public var kind: Kind
  /// Cells from the left edge, from 0.
  public var column: Int
  /// Cells from the top edge, from 0.
  public var row: Int
  /// Which button.
  public var button: Button
  /// The keys that were held.
  public var modifiers: Modifiers

  /// Describes an event.
  public init(_ kind: Kind, column: Int, row: Int, button: Button = .none, modifiers: Modifiers = []) {
    self.kind = kind
    self.column = column
    self.row = row
    self.button = button
    self.modifiers = modifiers
  }
}
