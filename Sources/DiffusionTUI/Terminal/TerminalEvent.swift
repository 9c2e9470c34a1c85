/// What a terminal reports.
public enum TerminalEvent: Sendable, Hashable {
  /// A key was pressed.
  case key(Key)
  /// The mouse did something, which is reported while it is captured.
  case mouse(MouseEvent)
  /// A text was pasted; its line ends are line feeds.
  case paste(String)
  /// The screen has a new size.
  case resize(Size)
  /// The terminal hung up, or standard input ended.
  case hangUp
}
