import Foundation
import Glibc

/// Runs a command that may leave a server behind, as tmux does.
enum TmuxCommand {
  /// Runs a command and returns its output.
  ///
  /// It inherits nothing: a server that held the pipes of other tests would keep them from ever seeing the end, and one
  /// that started with the blocked signals of a worker thread would not notice when its programs end. So it writes to a
  /// file of its own and starts with no signal blocked.
  ///
  /// - Throws: ``TmuxError`` if it cannot be run, or ends with a status other than 0.
  static func output(of command: [String]) throws -> String {
    let file = "\(NSTemporaryDirectory())/diffusion-tui-command-\(UUID().uuidString)"
    defer { unlink(file) }
    guard let process = spawn(command, writingTo: file) else {
      throw TmuxError("\(command.joined(separator: " ")) cannot be run")
    }
    var result: Int32 = 0
    while waitpid(process, &result, 0) < 0 && errno == EINTR {}
    let text = String(decoding: FileManager.default.contents(atPath: file) ?? Data(), as: UTF8.self)
    guard result == 0 else { throw TmuxError("\(command.joined(separator: " ")): \(text)") }
    return text
  }

  private static func spawn(_ command: [String], writingTo file: String) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 1, file, O_WRONLY | O_CREAT | O_TRUNC, 0o600)
    posix_spawn_file_actions_adddup2(&actions, 1, 2)
    // All possible ones, because other threads open more meanwhile; closing an unused descriptor is harmless.
    for file in Int32(3)..<512 { posix_spawn_file_actions_addclose(&actions, file) }
    var attributes = posix_spawnattr_t()
    posix_spawnattr_init(&attributes)
    defer { posix_spawnattr_destroy(&attributes) }
    var none = sigset_t()
    sigemptyset(&none)
    posix_spawnattr_setsigmask(&attributes, &none)
    posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
    let arguments = strings(command)
    let environment = strings(ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" })
    defer { (arguments + environment).forEach { free($0) } }
    var process: pid_t = 0
    return posix_spawnp(&process, command[0], &actions, &attributes, arguments, environment) == 0 ? process : nil
  }

  /// C strings and the nil that ends their list; to be freed by the caller.
  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }
}
