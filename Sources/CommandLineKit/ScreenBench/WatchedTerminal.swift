import DiffusionTUI

/// A terminal that tells when the first frame after a key has been shown.
struct WatchedTerminal: Terminal {
  private let terminal: NCursesTerminal
  private let keys: TypedKeys
  private var hasTakenKey = false

  init(_ terminal: NCursesTerminal, keys: TypedKeys) {
    self.terminal = terminal
    self.keys = keys
  }

  var capabilities: TerminalCapabilities { terminal.capabilities }
  var size: Size { terminal.size }
  var wake: @Sendable () -> Void { terminal.wake }

  mutating func show(_ frame: Frame) {
    terminal.show(frame)
    if hasTakenKey { keys.noteShown() }
    hasTakenKey = false
  }

  mutating func nextEvent(timeout: Duration) -> TerminalEvent? {
    let event = terminal.nextEvent(timeout: timeout)
    if case .key = event { hasTakenKey = true }
    return event
  }

  mutating func captureMouse(_ capture: Bool) { terminal.captureMouse(capture) }
  mutating func copy(_ text: String) -> Bool { terminal.copy(text) }
  mutating func suspend() { terminal.suspend() }
}
