import DiffusionCore

/// A part of a list that one process of several takes: a block, so that few and longer processes do it.
public struct SweepShard: Sendable, Equatable {
  /// The number of the part, from 1.
  public let number: Int
  /// The number of parts.
  public let count: Int
  /// Where the numbers were found, for the first line of output; nil if they were given.
  public let origin: String?

  /// All of it.
  public static let whole = SweepShard(1, of: 1)

  /// Creates a part.
  package init(_ number: Int, of count: Int, origin: String? = nil) {
    (self.number, self.count, self.origin) = (number, count, origin)
  }

  /// Whether there are others.
  public var isPart: Bool { count > 1 }

  /// The part of a list: blocks of the same length, give or take one.
  public func range(of total: Int) -> Range<Int> {
    // Not number * total / count, which could overflow.
    let each = total / count, rest = total % count
    func start(_ index: Int) -> Int { index * each + min(index, rest) }
    return start(number - 1)..<start(number)
  }

  /// Reads `I/N`, `auto` or `auto/N`.
  ///
  /// - Parameters:
  ///   - text: What follows `--shard`.
  ///   - environment: Where a batch system says which task this is.
  /// - Throws: ``DiffusionError`` (`usage`).
  public init(_ text: String, environment: [String: String]) throws {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    let count = parts.count == 2 ? Int(parts[1]) : nil
    guard let first = parts.first, parts.count == 1 || count.map({ (1...Self.maximum).contains($0) }) == true else {
      throw Self.fault(text)
    }
    if first == "auto" {
      self = try SweepShard(found: environment, count: count)
    } else {
      guard let number = Int(first), let count else { throw Self.fault(text) }
      guard (1...count).contains(number) else {
        throw DiffusionError(.usage, "--shard: \(text): expected a shard from 1/\(count) to \(count)/\(count)")
      }
      self.init(number, of: count)
    }
  }

  private static let maximum = 1_000_000_000

  private static func fault(_ text: String) -> DiffusionError {
    DiffusionError(
      .usage, "--shard: '\(text)': expected I/N such as 1/4, auto, or auto/N where the batch system does not say N")
  }

  /// A batch system that gives each task an index.
  private struct BatchSystem {
    let name: String
    /// The variable with the index.
    let index: String
    /// The index of the first task.
    let first: Int
  }

  private static let slurm = BatchSystem(name: "Slurm's array", index: "SLURM_ARRAY_TASK_ID", first: 0)
  private static let others = [
    BatchSystem(name: "Kubernetes' indexed Job", index: "JOB_COMPLETION_INDEX", first: 0),
    BatchSystem(name: "GNU parallel", index: "PARALLEL_SEQ", first: 1),
  ]

  /// Takes the number from the batch system that started this process.
  private init(found environment: [String: String], count: Int?) throws {
    let systems = ([Self.slurm] + Self.others).filter { environment[$0.index] != nil }
    guard let system = systems.first else {
      throw DiffusionError(
        .usage,
        "--shard auto: none of \(([Self.slurm] + Self.others).map(\.index).joined(separator: ", ")) is set: "
          + "start it as a task of Slurm's array, Kubernetes' indexed Job or GNU parallel, or give --shard I/N")
    }
    guard systems.count == 1 else {
      throw DiffusionError(
        .usage, "--shard auto: \(systems.map(\.index).joined(separator: " and ")) are both set: give --shard I/N")
    }
    if system.index == Self.slurm.index {
      try self.init(slurm: environment, count: count)
      return
    }
    let index = try Self.number(system.index, environment) - system.first
    guard let count else {
      throw DiffusionError(
        .usage, "--shard auto: \(system.name) does not say how many tasks there are: give --shard auto/N")
    }
    guard (0..<count).contains(index) else {
      throw DiffusionError(
        .usage,
        "--shard auto/\(count): \(system.index) is \(index + system.first): expected \(system.first) to "
          + "\(count - 1 + system.first)")
    }
    self.init(index + 1, of: count, origin: "\(system.name), \(system.index)=\(index + system.first)")
  }

  /// Takes the number of a task of Slurm's array, whose ids may start above 0 and step.
  private init(slurm environment: [String: String], count given: Int?) throws {
    func value(_ name: String) throws -> Int { try Self.number("SLURM_ARRAY_TASK_\(name)", environment) }
    let (id, first, last) = try (value("ID"), value("MIN"), value("MAX"))
    let (step, count) = try (value("STEP"), value("COUNT"))
    let written = "SLURM_ARRAY_TASK_ID=\(id) of \(first)-\(last):\(step), COUNT=\(count)"
    guard step > 0, count > 0, last >= first, (id - first) % step == 0, (first...last).contains(id),
      (last - first) / step + 1 == count
    else {
      throw DiffusionError(
        .usage,
        "--shard auto: \(written): the array has gaps: submit one such as --array=0-7, or give --shard I/N")
    }
    if let given, given != count {
      throw DiffusionError(.usage, "--shard auto/\(given): \(written): expected auto, or auto/\(count)")
    }
    self.init((id - first) / step + 1, of: count, origin: "Slurm's array, \(written)")
  }

  private static func number(_ name: String, _ environment: [String: String]) throws -> Int {
    // Within what differences and products of them can be.
    guard let number = environment[name].flatMap({ Int($0) }), (0...maximum).contains(number) else {
      let found = environment[name].map { "'\($0)'" } ?? "not set"
      throw DiffusionError(.usage, "--shard auto: \(name) is \(found): expected a whole number; or give --shard I/N")
    }
    return number
  }

  /// `shard 3 of 8`, and where that was found.
  public var text: String { "shard \(number) of \(count)" + (origin.map { " (\($0))" } ?? "") }
}
