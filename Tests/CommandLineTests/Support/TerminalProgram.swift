import DiffusionCore
import Foundation
import Glibc

/// The built program in a pseudo-terminal of its own, whose other end the test reads when it likes.
final class TerminalProgram {
  let process: pid_t
  /// The user's folders.
  let home: TemporaryFolder
  /// What the program has written so far.
  private(set) var output = Data()
  private let main: Int32
  private let name: [CChar]
  private let former: [tcflag_t]
  private var status: Int32?

  /// Starts the program.
  ///
  /// - Parameters:
  ///   - home: The folder for `HOME`.
  ///   - environment: Variables besides those of a plain terminal.
  init(_ arguments: [String], home: TemporaryFolder? = nil, environment: [String: String] = [:]) throws {
    self.home = try home ?? TemporaryFolder()
    var main: Int32 = -1, own: Int32 = -1
    var window = winsize(ws_row: 50, ws_col: 160, ws_xpixel: 0, ws_ypixel: 0)
    var name = [CChar](repeating: 0, count: 128)
    guard openpty(&main, &own, &name, nil, &window) == 0 else { throw CocoaError(.fileNoSuchFile) }
    defer { close(own) }
    _ = fcntl(main, F_SETFD, FD_CLOEXEC)
    (self.main, self.name) = (main, name)
    former = Self.modes(of: main)
    let variables = [
      "TERM": "xterm-256color", "COLORTERM": "truecolor", "LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin",
      "HOME": self.home.path, "SWIFT_BACKTRACE": "enable=no",
    ].merging(environment) { $1 }
    process = try Self.spawn([Program.path] + arguments, terminal: name, environment: variables)
  }

  deinit {
    if status == nil {
      kill(process, SIGKILL)
      var last: Int32 = 0
      waitpid(process, &last, 0)
    }
    close(main)
  }

  /// Reads until the output has a text; false if that takes more than 30 seconds.
  func read(until text: String) -> Bool { read { output.range(of: Data(text.utf8)) != nil } }

  /// Reads until something holds; false if that takes more than 30 seconds.
  func read(until condition: () -> Bool) -> Bool {
    let deadline = ContinuousClock.now + .seconds(30)
    while !condition() {
      guard ContinuousClock.now < deadline else { return false }
      readWhatIsThere(within: 100)
    }
    return true
  }

  /// Reads what the program has left in the terminal.
  func readTheRest() {
    while readWhatIsThere(within: 200) {}
  }

  /// Types text.
  func type(_ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.write(main, bytes, bytes.count)
  }

  /// Types keys that change the whole screen, and reads nothing, until the program waits in a write for ever.
  func fillTheTerminal() -> Bool {
    for _ in 0..<400 {
      type("t")
      usleep(50_000)
      if isWriting {
        usleep(200_000)
        if isWriting { return true }
      }
    }
    return false
  }

  /// Fills the terminal from its other end, so that the program's next write waits for ever.
  func blockTheTerminal() -> Bool {
    let other = open(name, O_WRONLY | O_NOCTTY | O_NONBLOCK)
    guard other >= 0 else { return false }
    defer { close(other) }
    var space = UInt8(ascii: " ")
    for _ in 0..<1_000_000 where Glibc.write(other, &space, 1) < 0 { return errno == EAGAIN }
    return false
  }

  /// Waits for the end and returns the signal that ended it, or the exit status; nil if it goes on.
  func end(within duration: Duration) -> (signal: Int32, status: Int32)? {
    let deadline = ContinuousClock.now + duration
    while status == nil, ContinuousClock.now < deadline {
      var last: Int32 = 0
      if waitpid(process, &last, WNOHANG) == process { status = last }
      readWhatIsThere(within: 10, reads: !isFrozen)
    }
    return status.map { ($0 & 0x7F, $0 >> 8 & 0xFF) }
  }

  /// Whether the terminal is left unread, also while the end is awaited.
  var isFrozen = false

  /// Whether the terminal's modes are those from before the program.
  var hasFormerModes: Bool { Self.modes(of: main) == former }

  /// What the program left in the terminal: nothing, if it released the screen.
  var leftovers: [String] {
    let last = String(decoding: output.suffix(600), as: UTF8.self)
    let releases = ["\u{1B}[?1049l": "the alternate screen", "\u{1B}[?1002l": "the mouse", "\u{1B}[?25h": "the cursor"]
    return releases.filter { !last.contains($0.key) }.map(\.value).sorted() + (hasFormerModes ? [] : ["modes"])
  }

  /// Whether its first thread is in write(2) to standard output, in the numbers of x86-64 and of AArch64.
  private var isWriting: Bool {
    let call = (try? String(contentsOfFile: "/proc/\(process)/syscall", encoding: .utf8)) ?? ""
    return call.hasPrefix("1 0x1 ") || call.hasPrefix("64 0x1 ")
  }

  @discardableResult
  private func readWhatIsThere(within milliseconds: Int32, reads: Bool = true) -> Bool {
    var file = pollfd(fd: main, events: Int16(POLLIN), revents: 0)
    guard reads, poll(&file, 1, milliseconds) > 0, file.revents & Int16(POLLIN) != 0 else {
      usleep(1000)
      return false
    }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(main, &bytes, bytes.count)
    if count > 0 { output.append(contentsOf: bytes.prefix(count)) }
    return count > 0
  }

  private static func modes(of terminal: Int32) -> [tcflag_t] {
    var modes = termios()
    guard tcgetattr(terminal, &modes) == 0 else { return [] }
    return [modes.c_iflag, modes.c_oflag, modes.c_cflag, modes.c_lflag]
  }

  /// A process that leads its own session, with the usual signals.
  private static func spawn(
    _ arguments: [String], terminal: [CChar], environment: [String: String]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t(), attributes = posix_spawnattr_t()
    posix_spawn_file_actions_init(&actions)
    posix_spawnattr_init(&attributes)
    defer {
      posix_spawn_file_actions_destroy(&actions)
      posix_spawnattr_destroy(&attributes)
    }
    posix_spawn_file_actions_addopen(&actions, 0, terminal, O_RDWR, 0)
    posix_spawn_file_actions_adddup2(&actions, 0, 1)
    posix_spawn_file_actions_adddup2(&actions, 0, 2)
    var all = sigset_t(), none = sigset_t()
    sigfillset(&all)
    sigemptyset(&none)
    posix_spawnattr_setsigdefault(&attributes, &all)
    posix_spawnattr_setsigmask(&attributes, &none)
    // POSIX_SPAWN_SETSID, which glibc declares for _GNU_SOURCE only. The terminal that is opened next controls it.
    let newSession: Int16 = 0x80
    let flags = Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK) | newSession
    posix_spawnattr_setflags(&attributes, flags)
    var words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
    var variables: [UnsafeMutablePointer<CChar>?] = environment.map { strdup("\($0)=\($1)") } + [nil]
    defer { for text in words + variables { free(text) } }
    var process: pid_t = 0
    let error = posix_spawn(&process, arguments[0], &actions, &attributes, &words, &variables)
    guard error == 0 else { throw DiffusionError(.unavailable, "\(arguments[0]): \(String(cString: strerror(error)))") }
    return process
  }
}
