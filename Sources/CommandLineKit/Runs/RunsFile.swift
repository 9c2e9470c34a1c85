import DiffusionCore
import DiffusionTUI
import TOMLKit

/// A file of runs to compare: TOML with one to eight `[[run]]` tables. Settings missing from a table are those of the
/// command line.
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
/// scheduler = "euler"
/// scheduler-options = { use_karras_sigmas = true }
/// model = "google/ddpm-cifar10-32"
/// ```
///
/// A folder that `model` or `refiner` names is looked for beside the file, then in the working folder.
public struct RunsFile: Sendable, Equatable {
  /// The keys of a run, in the order of command lines.
  static let keys = Setting.keys(of: Setting.all)

  /// The largest number of runs side by side.
  public static let maximumRuns = 8

  /// The runs, one to eight, in the order of the file.
  public let runs: [RunRequest]
  /// Whether each of them says its number of steps.
  public let statesSteps: [Bool]

  /// Parses the text of a file.
  ///
  /// - Parameters:
  ///   - text: TOML.
  ///   - path: The name of the file in error messages.
  ///   - base: The run of the command line, whose values replace those missing from a table.
  ///   - namesModel: Whether its model was named; otherwise a run with a prompt means the demo model that takes one.
  ///   - folder: The folder that its `model` and `refiner` paths are relative to.
  /// - Throws: ``DiffusionError``: `badData` that names the line where it is not valid TOML, or the run and the key
  ///   whose
  ///   value is wrong; `unavailable` for a device that is not available.
  public init(text: String, path: String, base: RunRequest, namesModel: Bool = true, folder: String = ".") throws {
    let table = try TOMLTable(parsing: text, file: path)
    if let unknown = table.keys.sorted().first(where: { $0 != "run" }) {
      throw DiffusionError(.badData, "\(path): \(unknown) is unknown: expected only [[run]] tables")
    }
    guard let found = table["run"] else {
      throw DiffusionError(.badData, "\(path): there is no [[run]]: expected 1 to \(Self.maximumRuns)")
    }
    guard let array = found.array, (1...Self.maximumRuns).contains(array.count) else {
      let count = found.array.map { "there are \($0.count) runs" } ?? "run is not written as [[run]]"
      throw DiffusionError(.badData, "\(path): \(count): expected 1 to \(Self.maximumRuns) tables [[run]]")
    }
    let read = try array.enumerated().map { index, value in
      guard let table = value.table else {
        throw DiffusionError(.badData, "\(path): run \(index + 1) is not a table: expected [[run]]")
      }
      let (read, statesSteps) = try Self.run(table, base: base, place: "\(path): run \(index + 1): ")
      var run = read
      if table["model"] != nil { run.model = run.model.relative(to: folder) }
      if table["refiner"] != nil { run.settings.refiner = run.settings.refiner?.relative(to: folder) }
      if !namesModel, table["model"] == nil { run.model = ModelReference(meantBy: run.settings) }
      return (run: run, statesSteps: statesSteps)
    }
    (runs, statesSteps) = (read.map(\.run), read.map(\.statesSteps))
  }

  /// Reads a file, a pipe, or standard input for `-`.
  ///
  /// - Throws: As ``init(text:path:base:)``, and ``DiffusionError`` (`missingInput` or `inputOutput`).
  public init(contentsOf path: String, base: RunRequest, namesModel: Bool = true) throws {
    let bytes = try TextInput.read(path), name = TextInput.name(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(name): not text in UTF-8: expected TOML with [[run]] tables")
    }
    let folder = TextInput.isStandardInput(path) ? "." : FileAccess.parent(of: path)
    try self.init(text: text, path: name, base: base, namesModel: namesModel, folder: folder)
  }

  /// The text of a file of these runs, with the settings that options of the command line could otherwise change.
  public static func text(of runs: [RunRequest]) -> String {
    runs.map { (["[[run]]"] + lines(of: $0)).joined(separator: "\n") + "\n" }.joined(separator: "\n")
  }

  private static func lines(of run: RunRequest) -> [String] {
    let values = SettingValues(of: run)
    return Setting.all.compactMap { setting in
      switch values[setting] {
      case nil: nil
      // One seed and one prompt are written as people write them.
      case .list(let seeds)? where setting == .seeds && seeds.count == 1: "seed = \(TOMLText.of(seeds[0]))"
      case .list(let prompts)? where setting == .prompt && prompts.count == 1: "prompt = \(TOMLText.of(prompts[0]))"
      case let value?: "\(setting.name.replacing("_", with: "-")) = \(TOMLText.of(value))"
      }
    }
  }

  /// The run that a table describes, with the base's values for missing settings, and whether it says its steps.
  private static func run(
    _ table: TOMLTable, base: RunRequest, place: String
  ) throws -> (RunRequest, statesSteps: Bool) {
    var request = base, values = SettingValues()
    do {
      for key in table.keys.sorted() {
        guard let value = table[key].map({ SettingValue($0) }) else { continue }
        if try !values.add(value, under: key) {
          throw DiffusionError(.usage, "\(key) is unknown: expected \(keys.joined(separator: ", "))")
        }
      }
      var limits = SettingLimits()
      limits.images = State.maximumImages
      try values.assign(to: &request, limits: limits)
      values.takeInstalledCard(in: &request, InstalledCard.first)
    } catch let error as DiffusionError {
      let kind = error.kind == .usage ? .badData : error.kind
      throw DiffusionError(kind, place + (error.setting?.keyMessage ?? error.message))
    }
    return (request, values[.steps] != nil)
  }
}
