import Glibc
import TensorKernels

/// The memory that the process can still have, by the strictest of its limits: its own (`ulimit -v`, `ulimit -d`), the
/// container's, and the machine's.
public struct MemoryBudget: Sendable, Equatable {
  /// The bytes available; `Int.max` where no limit is known.
  public let bytes: Int
  /// The name of the strictest limit: `ulimit -v`.
  public let limit: String

  /// Creates a budget.
  public init(bytes: Int, limit: String) { (self.bytes, self.limit) = (bytes, limit) }

  /// The budget at this moment.
  public static func current() -> MemoryBudget {
    func limit(_ resource: Int32) -> Int? { softLimit(resource).map { max(0, $0 - spare) } }
    return MemoryBudget(
      addressSpace: limit(Int32(RLIMIT_AS.rawValue)), data: limit(Int32(RLIMIT_DATA.rawValue)), read: text(of:))
  }

  /// What is left to the rest of the program where a limit of its own ends it: small arrays are not looked for.
  private static let spare = 16 << 20

  /// The budget by limits and by the system's files.
  ///
  /// - Parameters:
  ///   - addressSpace: The limit on the address space in bytes; nil for none.
  ///   - data: The limit on private memory in bytes; nil for none.
  ///   - read: The text of a file of the system; nil if there is none.
  package init(addressSpace: Int?, data: Int?, read: (_ path: String) -> String?) {
    // In pages: total size, resident, shared, text, library, data.
    let pages = (read("/proc/self/statm") ?? "").split(whereSeparator: \.isWhitespace).map { Int($0) ?? 0 }
    func used(_ index: Int) -> Int { pages.indices.contains(index) ? pages[index] * Int(getpagesize()) : 0 }
    var budgets = [MemoryBudget(bytes: .max, limit: "none")]
    if let addressSpace { budgets.append(MemoryBudget(bytes: addressSpace - used(0), limit: "ulimit -v")) }
    if let data { budgets.append(MemoryBudget(bytes: data - used(5), limit: "ulimit -d")) }
    let machine = ["MemAvailable", "SwapFree"].compactMap { Self.number(of: $0 + ":", in: read("/proc/meminfo")) }
    if !machine.isEmpty { budgets.append(MemoryBudget(bytes: machine.reduce(0, +) * 1024, limit: "free memory")) }
    budgets += Self.ofContainer(read).map { MemoryBudget(bytes: $0, limit: "the container's limit") }
    let strictest = budgets.min { $0.bytes < $1.bytes } ?? budgets[0]
    self.init(bytes: max(0, strictest.bytes), limit: strictest.limit)
  }

  /// Checks that work fits.
  ///
  /// - Parameters:
  ///   - needed: An estimate of the bytes that it takes.
  ///   - subject: What takes them: `--shape 268435456`.
  ///   - remedy: What to do about it, besides giving the process more memory.
  /// - Throws: ``DiffusionError`` (`unavailable`) with both figures.
  public func require(_ needed: Int, for subject: String, remedy: String) throws {
    guard needed > bytes else { return }
    throw DiffusionError(
      .unavailable,
      "\(subject): out of memory: needs about \(Self.size(needed)), and \(Self.size(bytes)) is available "
        + "(\(limit)): \(remedy)")
  }

  /// Whether the system would give as much memory now. Swift's arrays end the process where it does not.
  static func hasRoom(byteCount: Int) -> Bool { SystemAllocator().leavesRoom(byteCount: byteCount) }

  /// `3.2 GB`, `12 MB`.
  static func size(_ bytes: Int) -> String {
    let tenths = bytes / 100_000_000
    return tenths >= 10 ? "\(tenths / 10).\(tenths % 10) GB" : "\(bytes / 1_000_000) MB"
  }

  private static func softLimit(_ resource: Int32) -> Int? {
    var limits = rlimit()
    guard getrlimit(resource, &limits) == 0, limits.rlim_cur <= UInt(Int.max) else {
      return nil
    }
    return Int(limits.rlim_cur)
  }

  /// What the groups of the process leave it, those above it too: version 2 of Linux's control groups, and version 1.
  private static func ofContainer(_ read: (String) -> String?) -> [Int] {
    // The path may have colons of its own.
    let lines = (read("/proc/self/cgroup") ?? "").split(separator: "\n").map {
      $0.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    }
    return lines.flatMap { fields -> [Int] in
      guard fields.count == 3, let path = fields.last, path.hasPrefix("/") else { return [] }
      let isSecond = fields[1].isEmpty, isFirst = fields[1].split(separator: ",").contains("memory")
      guard isSecond || isFirst else { return [] }
      let root = isSecond ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory"
      let names =
        isSecond
        ? ("memory.max", "memory.current", "inactive_file")
        : ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
      let parts = path.split(separator: "/")
      return (0...parts.count).compactMap { depth in
        let folder = ([root] + parts.prefix(depth).map(String.init)).joined(separator: "/")
        guard let limit = number(read("\(folder)/\(names.0)")), let usage = number(read("\(folder)/\(names.1)")) else {
          return nil
        }
        // Pages of files that were read are given up first.
        let cache = number(of: names.2, in: read("\(folder)/memory.stat")) ?? 0
        return limit - max(0, usage - cache)
      }
    }
  }

  private static func number(_ text: String?) -> Int? {
    text.flatMap { Int($0.prefix { !$0.isWhitespace }) }
  }

  /// The number after a key at the beginning of a line.
  private static func number(of key: String, in text: String?) -> Int? {
    for line in (text ?? "").split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      if words.count >= 2, words[0] == key { return Int(words[1]) }
    }
    return nil
  }

  /// The text of a file of the system, whose size is not known before.
  private static func text(of path: String) -> String? {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    let count = Glibc.read(descriptor, &bytes, bytes.count)
    return count > 0 ? String(decoding: bytes.prefix(count), as: UTF8.self) : nil
  }
}
