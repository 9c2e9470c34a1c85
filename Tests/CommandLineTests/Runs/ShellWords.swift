import DiffusionCore
import Foundation

/// How the system's own shell splits a command line.
enum ShellWords {
  static func split(_ line: String) throws -> [String] {
    let data = try Tool.output(of: "/bin/sh", ["-c", "printf '%s\\0' \(line)"])
    return String(decoding: data, as: UTF8.self).split(separator: "\0", omittingEmptySubsequences: false)
      .dropLast().map(String.init)
  }
}
