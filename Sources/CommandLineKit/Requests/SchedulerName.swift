import DiffusionCore

/// The schedulers that `--scheduler` knows.
public enum SchedulerName: String, Sendable, CaseIterable {
  case ddim

  /// Reads a name.
  ///
  /// - Throws: ``DiffusionError`` (`usage`) for any other name.
  public init(parsing name: String) throws {
    guard let scheduler = SchedulerName(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "--scheduler: '\(name)' is unknown: expected \(known)")
    }
    self = scheduler
  }
}
