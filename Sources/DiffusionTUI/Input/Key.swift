/// A key press.
public enum Key: Sendable, Hashable {
  /// A character, space included.
  case character(Character)
  case left, right, up, down, home, end, pageUp, pageDown
  case enter, escape, tab, backspace, delete
  /// Tab with Shift held.
  case backTab
  /// An arrow with Shift held.
  case shiftLeft, shiftRight, shiftUp, shiftDown
  /// A letter with Ctrl held: `.control("c")`.
  case control(Character)
  /// A function key, from 1 to ``functionKeyCount``.
  case function(Int)

  /// How many function keys are told apart.
  public static let functionKeyCount = 12
}
