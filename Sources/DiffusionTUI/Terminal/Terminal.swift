/// A screen with keys. ncurses is one; tests have another. Used from one thread.
public protocol Terminal {
  /// What it can show.
  var capabilities: TerminalCapabilities { get }
  /// How large it is now.
  var size: Size { get }
  /// Makes ``nextEvent(timeout:)`` return at once. The one part that any thread may call.
  var wake: @Sendable () -> Void { get }
  /// Shows a frame, writing only what differs from the last one shown.
  mutating func show(_ frame: Frame)
  /// Asks for ``TerminalEvent/mouse(_:)``, or no longer. Meanwhile most terminals select text only with Shift held.
  mutating func captureMouse(_ capture: Bool)
  /// Asks the terminal to put a text on the clipboard. Whether it does cannot be known.
  ///
  /// - Returns: False if the text is too long for that, and nothing was asked.
  mutating func copy(_ text: String) -> Bool
  /// The next key press, mouse event, paste or resize, waiting at most `timeout`; nil if none came, or if ``wake`` was
  /// asked for.
  mutating func nextEvent(timeout: Duration) -> TerminalEvent?
  /// Gives the screen back, stops the process (Ctrl-Z), and takes the screen again when it is continued.
  mutating func suspend()
}

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
