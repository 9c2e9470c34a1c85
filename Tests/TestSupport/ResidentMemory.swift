import Foundation

/// The resident memory of processes.
public enum ResidentMemory {
  /// The `VmRSS` of a process as proc(5) gives it, in KiB; nil if there is no such process.
  public static func kibibytes(of process: Int32) -> Int? {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/status", encoding: .utf8),
      let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") })
    else { return nil }
    return line.split(whereSeparator: { " \t".contains($0) }).dropFirst().first.flatMap { Int($0) }
  }
}
