/// What a terminal reports.
public enum TerminalEvent: Sendable, Hashable {
  /// A key was pressed.
  case key(Key)
  /// The screen has a new size.
  case resize(Size)
  /// The terminal hung up, or standard input ended.
  case hangUp
}
