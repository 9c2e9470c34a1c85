import DiffusionTUI
import Dispatch
import Synchronization

/// Keys that another thread types in turn, and the time until each was seen.
final class TypedKeys: Sendable {
  private struct Record {
    var typedAt: ContinuousClock.Instant?
    var waits: [Duration] = []
    var hasEnded = false
  }

  private let record = Mutex(Record())
  private let seen = DispatchSemaphore(value: 0)

  /// The time of each key, in the order they were typed.
  var waits: [Duration] { record.withLock(\.waits) }

  /// Records that a frame with the effect of the key has been written to the terminal.
  func noteShown() {
    let now = ContinuousClock.now
    record.withLock { record in
      guard let typedAt = record.typedAt else { return }
      record.waits.append(typedAt.duration(to: now))
      record.typedAt = nil
      seen.signal()
    }
  }

  /// Records that nothing is shown any more.
  func end() {
    record.withLock { $0.hasEnded = true }
    seen.signal()
  }

  /// Types keys at irregular intervals, each after the one before was seen.
  ///
  /// - Parameters:
  ///   - pause: Waits between two keys.
  ///   - type: Types a key.
  func play(_ keys: [String], pause: () -> Void, type: (String) -> Void) {
    for key in keys {
      pause()
      let continues = record.withLock { record in
        record.typedAt = .now
        return !record.hasEnded
      }
      guard continues else { return }
      type(key)
      seen.wait()
    }
  }
}

/// A terminal that reports when the first frame after a key has been shown.
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
  mutating func redraw() { terminal.redraw() }
  mutating func suspend() { terminal.suspend() }
}
