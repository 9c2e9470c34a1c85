import Foundation

/// The resident memory of processes.
public enum ResidentMemory {
  /// The `VmRSS` of a process as proc(5) gives it, in KiB; nil if there is no such process.
  public static func kibibytes(of process: Int32) -> Int? { kibibytes("VmRSS", of: process) }

  /// The largest `VmRSS` of a process until now, its `VmHWM`, in KiB; nil if it is no process any more.
  public static func peakKibibytes(of process: Int32) -> Int? { kibibytes("VmHWM", of: process) }

  private static func kibibytes(_ key: String, of process: Int32) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("\(key):") })
    else { return nil }
    return line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
  }
}
