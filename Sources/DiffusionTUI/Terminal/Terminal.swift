/// A screen with a keyboard: ncurses, or a substitute in tests. It is used on one thread.
public protocol Terminal {
  /// The capabilities.
  var capabilities: TerminalCapabilities { get }
  /// The current size.
  var size: Size { get }
  /// Makes ``nextEvent(timeout:)`` return at once. The only member that any thread may call.
  var wake: @Sendable () -> Void { get }
  /// Shows a frame, writing only what differs from the last one shown.
  mutating func show(_ frame: Frame)
  /// Starts or stops ``TerminalEvent/mouse(_:)`` events. Meanwhile most terminals select text only with Shift held.
  mutating func captureMouse(_ capture: Bool)
  /// Asks the terminal to put text on the clipboard. Whether it does so cannot be known.
  ///
  /// - Returns: False if the text is too long, in which case nothing is sent.
  mutating func copy(_ text: String) -> Bool
  /// The next key press, mouse event, paste or resize, after waiting at most `timeout`; nil if there was none, or if
  /// ``wake`` was called.
  mutating func nextEvent(timeout: Duration) -> TerminalEvent?
  /// Forgets what is on the screen, so that the next frame is written in full.
  mutating func redraw()
  /// Releases the screen, stops the process (Ctrl-Z), and takes the screen again when it is continued.
  mutating func suspend()
}

/// An event from a terminal.
public enum TerminalEvent: Sendable, Hashable {
  /// A key was pressed.
  case key(Key)
  /// A mouse event, reported while the mouse is captured.
  case mouse(MouseEvent)
  /// Text was pasted; its lines end in line feeds.
  case paste(String)
  /// The screen has a new size.
  case resize(Size)
  /// The terminal hung up, or standard input ended.
  case hangUp
}
