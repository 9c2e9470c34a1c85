import Foundation

/// A terminal of a fixed size with a shell, in tmux on a socket of its own. Tests type into it and wait for text, up to
/// a deadline; they never sleep for a fixed time.
///
/// The shell is `sh`, which leaves the terminal's modes as programs left them: others clean up after a crash.
public final class TmuxSession {
  /// Why there can be no session, or nil.
  public static let absence: String? = {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let isThere = path.split(separator: ":").contains { FileManager.default.isExecutableFile(atPath: "\($0)/tmux") }
    return isThere ? nil : "tmux is not installed"
  }()

  /// The program next to the tests, from the same build.
  public static let program: String = {
    let tests = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? ""
    return URL(fileURLWithPath: tests).deletingLastPathComponent().appendingPathComponent("diffusion-tui").path
  }()

  /// A folder for the program's files, with `config` and `state` of the user.
  public let folder = NSTemporaryDirectory() + "/diffusion-tui-home-\(UUID().uuidString)"
  private let socket = "diffusion-tui-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: 0 ... .max))"
  private let terminal: String
  private let shell: Int32
  private let patience: Duration = .seconds(30)

  /// Opens a terminal with a shell that waits for a command.
  ///
  /// - Parameters:
  ///   - columns: The width in cells.
  ///   - rows: The height in cells.
  /// - Throws: ``TmuxError`` if tmux cannot be run.
  public init(columns: Int = 80, rows: Int = 24) throws {
    let environment = [
      "env", "-u", "ENV", "-u", "NO_COLOR", "-u", "COLORTERM", "LC_ALL=C.UTF-8", "XDG_CONFIG_HOME=\(folder)/config",
      "XDG_STATE_HOME=\(folder)/state", "HF_HUB_OFFLINE=1", "PS1=> ", "sh",
    ]
    let command = environment.map { "'\($0)'" }.joined(separator: " ")
    _ = try Self.tmux(socket, ["new-session", "-d", "-x", "\(columns)", "-y", "\(rows)", command])
    // The message would cover the last row.
    _ = try Self.tmux(socket, ["set-option", "-g", "status", "off"])
    _ = try Self.tmux(socket, ["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
    terminal = try Self.tmux(socket, ["display-message", "-p", "#{pane_tty}"]).trimmed
    shell = Int32(try Self.tmux(socket, ["display-message", "-p", "#{pane_pid}"]).trimmed) ?? 0
    try wait(for: "the prompt") { $0.hasPrefix(">") }
  }

  deinit {
    _ = try? Self.tmux(socket, ["kill-server"])
    try? FileManager.default.removeItem(atPath: folder)
  }

  // MARK: - Input

  /// Types a command line.
  public func run(_ command: String) throws {
    _ = try Self.tmux(socket, ["send-keys", "-l", command])
    try send("Enter")
  }

  /// Presses keys by tmux's names: "Right", "C-c", "a".
  public func send(_ keys: String...) throws {
    try send(keys)
  }

  /// Presses keys by tmux's names.
  public func send(_ keys: [String]) throws {
    _ = try Self.tmux(socket, ["send-keys"] + keys)
  }

  /// Types text literally.
  public func type(_ text: String) throws {
    _ = try Self.tmux(socket, ["send-keys", "-l", text])
  }

  /// Resizes the window.
  public func resize(columns: Int, rows: Int) throws {
    _ = try Self.tmux(socket, ["resize-window", "-x", "\(columns)", "-y", "\(rows)"])
  }

  /// Sends a signal to the program that the shell runs.
  public func signal(_ number: Int32) throws {
    guard let child = child else { throw TmuxError("the shell runs no program to send signal \(number) to") }
    kill(child, number)
  }

  // MARK: - Output

  /// The text on the screen.
  public var screen: String {
    get throws { try Self.tmux(socket, ["capture-pane", "-p"]) }
  }

  /// The text on the screen with its colours as escape sequences.
  public var coloredScreen: String {
    get throws { try Self.tmux(socket, ["capture-pane", "-p", "-e"]) }
  }

  /// Whether a full-screen program is active.
  public var alternateOn: Bool { get throws { try flag("alternate_on") } }
  /// Whether mouse clicks are reported instead of selecting text.
  public var mouseOn: Bool { get throws { try flag("mouse_any_flag") } }
  /// Whether the cursor is visible.
  public var cursorShown: Bool { get throws { try flag("cursor_flag") } }
  /// Whether the arrow keys are in application mode.
  public var keypadOn: Bool { get throws { try flag("keypad_cursor_flag") } }

  /// What programs have called the terminal (OSC 2).
  public var title: String { get throws { try Self.tmux(socket, ["display-message", "-p", "#{pane_title}"]).trimmed } }

  /// The terminal's modes, by `stty -a`.
  public var sttyState: String {
    get throws { try TmuxCommand.output(of: ["stty", "-a", "-F", terminal]) }
  }

  /// Whether the shell has a program, running or stopped.
  public var isRunning: Bool { child != nil }
  /// The resident memory of the program in KiB (`VmRSS`); nil if none runs.
  public var residentMemory: Int? { child.flatMap { ResidentMemory.kibibytes(of: $0) } }
  /// Whether the terminal belongs to the program: it runs, and is not stopped.
  public var isInForeground: Bool { child.map { Self.status(of: $0)?.state != "T" } ?? false }

  // MARK: - Waiting

  /// Waits until a text is on the screen, and returns the screen.
  @discardableResult
  public func waitFor(_ text: String) throws -> String {
    try wait(for: "'\(text)'") { $0.contains(text) }
  }

  /// Waits until the screen meets a condition, and returns it.
  @discardableResult
  public func wait(for description: String, until condition: (String) throws -> Bool) throws -> String {
    let deadline = ContinuousClock.now + patience
    // Each poll starts a program, and slow work must not be slowed down by polling.
    var pause: UInt32 = 5_000
    while true {
      let screen = try screen
      if try condition(screen) { return screen }
      guard ContinuousClock.now < deadline else {
        throw TmuxError("waited in vain for \(description); the screen reads\n\(screen)")
      }
      usleep(pause)
      pause = min(100_000, pause * 3 / 2)
    }
  }

  private func flag(_ name: String) throws -> Bool {
    try Self.tmux(socket, ["display-message", "-p", "#{\(name)}"]).trimmed == "1"
  }

  private var child: Int32? {
    // Linux can be built without this list; then all processes are searched.
    let children = try? String(contentsOfFile: "/proc/\(shell)/task/\(shell)/children", encoding: .utf8)
    let processes =
      children.map { $0.split(separator: " ").map(String.init) }
      ?? (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.lazy.compactMap { Int32($0) }.first { Self.status(of: $0)?.parent == self.shell }
  }

  /// The first fields after the name, which is in parentheses and may contain anything.
  private static func status(of process: Int32) -> (state: Substring, parent: Int32)? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
      let end = status.lastIndex(of: ")")
    else { return nil }
    let fields = status[end...].split(separator: " ")
    guard fields.count > 2, fields[1] != "Z", let parent = Int32(fields[2]) else { return nil }
    return (fields[1], parent)
  }

  private static func tmux(_ socket: String, _ arguments: [String]) throws -> String {
    try TmuxCommand.output(of: ["tmux", "-L", socket, "-f", "/dev/null"] + arguments)
  }
}

extension String {
  fileprivate var trimmed: String { trimmingCharacters(in: .whitespacesAndNewlines) }
}

/// An error of a ``TmuxSession``.
public struct TmuxError: Error, CustomStringConvertible {
  /// One line, or one line and a screen.
  public let description: String

  init(_ description: String) {
    self.description = description
  }
}
