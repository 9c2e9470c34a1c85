/// A mouse event, in cells of the screen.
public struct MouseEvent: Sendable, Hashable {
  /// The kind of event.
  public enum Kind: Sendable, Hashable {
    case press, release
    /// The mouse moved with a button held.
    case drag
    case wheelUp, wheelDown, wheelLeft, wheelRight
  }

  /// The mouse button; `none` for the wheel, and where a terminal does not report it.
  public enum Button: Sendable, Hashable {
    case left, middle, right, none
  }

  /// The modifier keys held.
  public struct Modifiers: OptionSet, Sendable, Hashable {
    /// The bits, one for each modifier.
    public let rawValue: UInt8
    /// Creates a set from its bits.
    public init(rawValue: UInt8) { self.rawValue = rawValue }
    /// Shift. Most terminals keep it for themselves, to select text while the mouse is captured.
    public static let shift = Modifiers(rawValue: 1)
    /// Alt, or Meta.
    public static let alt = Modifiers(rawValue: 2)
    /// Ctrl.
    public static let control = Modifiers(rawValue: 4)
  }

  /// The kind of event.
  public var kind: Kind
  /// The column, from 0.
  public var column: Int
  /// The row, from 0.
  public var row: Int
  /// The button.
  public var button: Button
  /// The modifier keys held.
  public var modifiers: Modifiers

  /// Creates an event.
  public init(_ kind: Kind, column: Int, row: Int, button: Button = .none, modifiers: Modifiers = []) {
    self.kind = kind
    self.column = column
    self.row = row
    self.button = button
    self.modifiers = modifiers
  }
}

extension MouseEvent {
  /// Parses what a terminal reports in mode 1006, after `CSI <`: `button;column;row` and `M` for a press, `m` for a
  /// release. Nil for anything else, and for events that are not used (motion without a button, buttons beyond the
  /// third).
  ///
  /// Reference: XTerm Control Sequences, "Mouse Tracking": the button is in the low bits, 4 is Shift, 8 Meta, 16 Ctrl,
  /// 32 motion, 64 the wheel.
  package init?(sgr text: String) {
    guard let last = text.last, last == "M" || last == "m" else { return nil }
    let fields = text.dropLast().split(separator: ";", omittingEmptySubsequences: false).map { Int($0) }
    guard fields.count == 3, let code = fields[0], let column = fields[1], let row = fields[2], code >= 0, column > 0,
      row > 0
    else { return nil }
    var modifiers: Modifiers = []
    for (bit, modifier) in [(4, Modifiers.shift), (8, .alt), (16, .control)] where code & bit != 0 {
      modifiers.insert(modifier)
    }
    guard code < 128, let (kind, button) = Self.meaning(of: code, isPress: last == "M") else { return nil }
    self.init(kind, column: column - 1, row: row - 1, button: button, modifiers: modifiers)
  }

  private static func meaning(of code: Int, isPress: Bool) -> (Kind, Button)? {
    let low = code & 3
    if code & 64 != 0 {
      return isPress ? ([.wheelUp, .wheelDown, .wheelLeft, .wheelRight][low], .none) : nil
    }
    guard low < 3 else { return nil }
    let button: Button = [.left, .middle, .right][low]
    if code & 32 != 0 { return (.drag, button) }
    return (isPress ? .press : .release, button)
  }
}
