import Foundation

/// The processor time of each thread of a process, in clock ticks, as /proc shows it while the process runs.
struct ThreadTimes {
  /// The largest time seen for each thread.
  private(set) var ticks: [String: Int] = [:]

  /// The number of threads that did at least a tenth of the work.
  var busyThreads: Int {
    let total = ticks.values.reduce(0, +)
    return ticks.values.count { $0 * 10 >= total && $0 > 0 }
  }

  /// Watches a process until it ends.
  mutating func watch(_ process: Process) {
    while process.isRunning {
      let folder = "/proc/\(process.processIdentifier)/task"
      for thread in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
        guard let line = try? String(contentsOfFile: "\(folder)/\(thread)/stat", encoding: .utf8) else { continue }
        ticks[thread] = max(ticks[thread] ?? 0, Self.ticks(in: line))
      }
      usleep(5_000)
    }
  }

  /// Fields 14 and 15 of proc(5)'s stat, user and system time; the second field is a name that may contain spaces.
  private static func ticks(in line: String) -> Int {
    guard let end = line.lastIndex(of: ")") else { return 0 }
    let fields = line[line.index(after: end)...].split(separator: " ")
    guard fields.count > 12, let user = Int(fields[11]), let system = Int(fields[12]) else { return 0 }
    return user + system
  }
}
