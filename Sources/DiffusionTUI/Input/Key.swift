/// A key press.
public enum Key: Sendable, Hashable {
  /// A character, space included.
  case character(Character)
  case left, right, up, down, home, end, pageUp, pageDown
  case enter, escape, tab, backTab, backspace, delete
  /// A letter with Ctrl held: `.control("c")`.
  case control(Character)
}
