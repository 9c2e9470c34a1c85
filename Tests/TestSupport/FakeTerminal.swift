import DiffusionTUI
import Dispatch

/// A terminal that plays a script and records every frame. After the script it hangs up, and so does a wait of more
/// than ten seconds; ``unmet`` then says for what.
public final class FakeTerminal: Terminal {
  /// An event at the terminal.
  public enum Scene {
    /// Reports something.
    case event(TerminalEvent)
    /// Reports nothing until the frame on the screen contains a text.
    case until(_ text: String)
    /// Lets time pass without a report.
    case pass(Duration)
    /// Runs an action elsewhere.
    case perform(() -> Void)

    /// A typed character.
    public static func key(_ character: Character) -> Scene { .event(.key(.character(character))) }
  }

  /// The requested colours, and Unicode.
  public let capabilities: TerminalCapabilities
  /// The size; resizes in the script change it.
  public private(set) var size: Size
  /// Ends a wait.
  public let wake: @Sendable () -> Void
  /// Every frame that was shown.
  public private(set) var frames: [Frame] = []
  /// The number of times the process was stopped.
  public private(set) var suspensions = 0
  /// The number of times the screen was to be written in full.
  public private(set) var redraws = 0
  /// Every time the mouse was captured (true) or released.
  public private(set) var mouseCaptures: [Bool] = []
  /// Every text that was put on the clipboard.
  public private(set) var copied: [String] = []
  /// The text that the script waited for in vain.
  public private(set) var unmet: String?

  /// A slice, from which the first scene is removed at once however long it is.
  private var script: ArraySlice<Scene>
  private let clock: FakeClock
  private let woken = DispatchSemaphore(value: 0)
  private var waitingSince: ContinuousClock.Instant?

  /// Creates a terminal.
  public init(
    size: Size = Size(columns: 60, rows: 4), colorTier: ColorTier = .trueColor, clock: FakeClock, script: [Scene]
  ) {
    capabilities = TerminalCapabilities(colorTier: colorTier, unicode: true)
    self.size = size
    self.clock = clock
    self.script = script[...]
    wake = { [woken] in _ = woken.signal() }
  }

  /// The text of the last frame, its rows separated by newlines.
  public var text: String {
    guard let frame = frames.last else { return "" }
    return (0..<frame.size.rows).map { frame.text(row: $0) }.joined(separator: "\n")
  }

  /// Records the frame.
  public func show(_ frame: Frame) { frames.append(frame) }

  /// Plays the script up to the next report.
  public func nextEvent(timeout: Duration) -> TerminalEvent? {
    while let scene = script.first {
      switch scene {
      case .event(let event):
        script.removeFirst()
        if case .resize(let size) = event { self.size = size }
        return event
      case .until(let expected):
        if !text.contains(expected) { return wait(for: expected, timeout: timeout) }
        waitingSince = nil
      case .pass(let duration):
        script.removeFirst()
        clock.advance(by: duration)
        return nil
      case .perform(let action): action()
      }
      script.removeFirst()
    }
    return .hangUp
  }

  /// Records the request.
  public func captureMouse(_ capture: Bool) { mouseCaptures.append(capture) }

  /// Records the text.
  public func copy(_ text: String) -> Bool {
    copied.append(text)
    return true
  }

  /// Counts the request.
  public func redraw() { redraws += 1 }

  /// Counts the stop.
  public func suspend() { suspensions += 1 }

  /// Waits for other threads in real time; time on the fake clock passes only when the loop waits for it.
  private func wait(for expected: String, timeout: Duration) -> TerminalEvent? {
    let start = waitingSince ?? .now
    waitingSince = start
    if start.duration(to: .now) > .seconds(10) {
      unmet = expected
      return .hangUp
    }
    if timeout < .seconds(60) { clock.advance(by: timeout) }
    _ = woken.wait(timeout: .now() + .milliseconds(5))
    return nil
  }
}
