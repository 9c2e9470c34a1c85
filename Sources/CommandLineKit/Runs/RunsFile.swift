import DiffusionCore
import DiffusionTUI
import TOMLKit

/// A file of runs to compare: TOML with one to eight `[[run]]` tables. What a table leaves out is as on the command
/// line.
///
/// ```toml
/// [[run]]
/// seed = 0
///
/// [[run]]
/// seed = 0
/// steps = 20
/// eta = 1.0
/// generator-device = "cuda"
/// model = "google/ddpm-cifar10-32"
/// ```
public struct RunsFile: Sendable, Equatable {
  /// One run of a file.
  public struct Run: Sendable, Equatable {
    /// Its model.
    public var model: ModelReference
    /// Its scheduler.
    public var scheduler: SchedulerName
    /// Everything else that decides it, and what computes it.
    public var settings: RunSettings

    /// Describes a run.
    public init(model: ModelReference, scheduler: SchedulerName = .ddim, settings: RunSettings) {
      (self.model, self.scheduler, self.settings) = (model, scheduler, settings)
    }

    /// The run as the explorer asks for it.
    var request: RunRequest { RunRequest(model: model, settings: settings) }
  }

  /// The keys of a run, in the order of command lines.
  static let keys = Setting.keys(of: Setting.all) + [schedulerKey]
  private static let schedulerKey = "scheduler"

  /// How many runs stand side by side at most.
  public static let mostRuns = 8

  /// The runs, one to eight, in the order of the file.
  public let runs: [Run]

  /// Reads a file's text.
  ///
  /// - Parameters:
  ///   - text: TOML.
  ///   - path: What errors call the file.
  ///   - base: The run of the command line, whose values stand for those that a table leaves out.
  /// - Throws: ``DiffusionError``: `badData` that names the line where the TOML breaks, or the run and the key where a
  ///   value is wrong; `unavailable` for a device that is not here.
  public init(text: String, path: String, base: Run) throws {
    let table = try TOMLTable(parsing: text, file: path)
    if let unknown = table.keys.sorted().first(where: { $0 != "run" }) {
      throw DiffusionError(.badData, "\(path): \(unknown) is unknown: expected [[run]] tables alone")
    }
    guard let found = table["run"] else {
      throw DiffusionError(.badData, "\(path): there is no [[run]]: expected 1 to \(Self.mostRuns)")
    }
    guard let array = found.array, (1...Self.mostRuns).contains(array.count) else {
      let count = found.array.map { "there are \($0.count) runs" } ?? "run is not written as [[run]]"
      throw DiffusionError(.badData, "\(path): \(count): expected 1 to \(Self.mostRuns) tables [[run]]")
    }
    runs = try array.enumerated().map { index, value in
      guard let table = value.table else {
        throw DiffusionError(.badData, "\(path): run \(index + 1) is no table: expected [[run]]")
      }
      return try Self.run(table, base: base, place: "\(path): run \(index + 1): ")
    }
  }

  /// Reads a file.
  ///
  /// - Throws: As ``init(text:path:base:)``, and ``DiffusionError`` (`missingInput` or `inputOutput`).
  public init(contentsOf path: String, base: Run) throws {
    let bytes = try FileAccess.read(path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(path): not text in UTF-8: expected TOML with [[run]] tables")
    }
    try self.init(text: text, path: path, base: base)
  }

  /// The run that a table describes, with the base's values for what it leaves out.
  private static func run(_ table: TOMLTable, base: Run, place: String) throws -> Run {
    var request = base.request, scheduler = base.scheduler, values = SettingValues()
    do {
      for key in table.keys.sorted() {
        guard let value = table[key].map({ SettingValue($0) }) else { continue }
        if key == schedulerKey {
          scheduler = try SchedulerName(file: value)
        } else if try !values.add(value, under: key) {
          throw DiffusionError(.usage, "\(key) is unknown: expected \(keys.joined(separator: ", "))")
        }
      }
      var limits = SettingLimits()
      limits.images = State.maximumImages
      try values.assign(to: &request, limits: limits)
    } catch let error as DiffusionError {
      let kind = error.kind == .usage ? .badData : error.kind
      throw DiffusionError(kind, place + (error.setting?.keyMessage ?? error.message))
    }
    return Run(model: request.model, scheduler: scheduler, settings: request.settings)
  }
}

extension SchedulerName {
  /// A scheduler as a file names it.
  fileprivate init(file value: SettingValue) throws {
    guard case .text(let name) = value, let scheduler = SchedulerName(rawValue: name) else {
      let known = Self.allCases.map(\.rawValue).joined(separator: ", ")
      throw DiffusionError(.usage, "scheduler is \"\(value.text)\": expected one of \(known)")
    }
    self = scheduler
  }
}
