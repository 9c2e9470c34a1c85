import FoundationEssentials

/// The most memory that this process has had at any time.
package enum PeakMemory {
  /// Bytes (`VmHWM`); nil where the system does not tell.
  package static func bytes(status path: String = "/proc/self/status") -> Int? {
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return nil }
    let line = text.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let number = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) }
    return number.map { $0 * 1024 }
  }
}
