import Foundation
import Glibc

/// Runs a command that may leave a server behind, as tmux does.
enum TmuxCommand {
  /// What a command writes, once it has ended.
  ///
  /// It inherits nothing but the output: a server that held the pipes of tests that run beside it would keep them from
  /// ever seeing the end.
  ///
  /// - Throws: ``TmuxError`` if it cannot be run, or ends with another status than 0.
  static func output(of command: [String]) throws -> String {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { throw TmuxError("no pipe for \(command)") }
    let status = spawn(command, writingTo: ends[1])
    Glibc.close(ends[1])
    let bytes = readAll(from: ends[0])
    Glibc.close(ends[0])
    guard let process = status else { throw TmuxError("\(command.joined(separator: " ")) cannot be run") }
    var result: Int32 = 0
    while waitpid(process, &result, 0) < 0 && errno == EINTR {}
    let text = String(decoding: bytes, as: UTF8.self)
    guard result == 0 else { throw TmuxError("\(command.joined(separator: " ")): \(text)") }
    return text
  }

  private static func spawn(_ command: [String], writingTo output: Int32) -> pid_t? {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
    posix_spawn_file_actions_adddup2(&actions, output, 1)
    posix_spawn_file_actions_adddup2(&actions, output, 2)
    for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")) ?? [] {
      if let file = Int32(name), file > 2 { posix_spawn_file_actions_addclose(&actions, file) }
    }
    let arguments = strings(command)
    let environment = strings(ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" })
    defer { (arguments + environment).forEach { free($0) } }
    var process: pid_t = 0
    return posix_spawnp(&process, command[0], &actions, nil, arguments, environment) == 0 ? process : nil
  }

  /// C strings and the nil that ends their list; to be freed.
  private static func strings(_ texts: [String]) -> [UnsafeMutablePointer<CChar>?] {
    texts.map { strdup($0) } + [nil]
  }

  private static func readAll(from file: Int32) -> [UInt8] {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = read(file, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return bytes }
      bytes += part[..<count]
    }
  }
}
