import DiffusionCore
import DiffusionTUI
import TOMLKit

/// The plan of a sweep as people write it: TOML with settings that all runs have, and an `[[axis]]` for each side of
/// the grid, the slowest first.
///
/// ```toml
/// steps = 20
/// eta = 0.5
///
/// [[axis]]
/// seed = "0-99"
///
/// [[axis]]
/// scheduler = ["ddim", "euler"]
///
/// [output]
/// statistics = true
/// ```
///
/// The keys are those of runs files. An axis with several keys has settings that vary together. A range is `"0-99"` for
/// whole numbers, or `{ from = 0, to = 1, step = 0.25 }`.
public struct SweepPlanFile: Sendable, Equatable {
  /// The plan.
  public let plan: SweepPlan
  /// The folder that its models are looked for in first.
  public let folder: String

  /// Parses the text of a file.
  ///
  /// - Parameters:
  ///   - text: TOML.
  ///   - path: The name of the file in error messages.
  ///   - folder: The folder that its models are looked for in first.
  /// - Throws: ``DiffusionError`` (`badData`) that names the line where it is not valid TOML, or the key that is wrong.
  public init(text: String, path: String, folder: String = ".") throws {
    let table = try TOMLTable(parsing: text, file: path)
    do {
      let keys = table.keys.filter { $0 != Self.axisKey && $0 != Self.outputKey }
      let constants = keys.compactMap { key in table[key].map { (key, SettingValue($0)) } }
      plan = try SweepPlan(
        constants: Dictionary(constants, uniquingKeysWith: { $1 }), axes: Self.axes(table),
        output: Self.output(table[Self.outputKey].map { SettingValue($0) }))
    } catch let error as DiffusionError {
      throw DiffusionError(error.kind, "\(path): \(error.message)")
    }
    self.folder = folder
  }

  /// Reads a file, a pipe, or standard input for `-`.
  ///
  /// - Throws: As ``init(text:path:folder:)``, and ``DiffusionError`` (`missingInput` or `inputOutput`).
  public init(contentsOf path: String) throws {
    let bytes = try TextInput.read(path), name = TextInput.name(of: path)
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(name): not text in UTF-8: expected TOML with settings and [[axis]] tables")
    }
    try self.init(
      text: text, path: name, folder: TextInput.isStandardInput(path) ? "." : FileAccess.parent(of: path))
  }

  /// The folder of a plan where none is named: its name without .toml, in the working folder; nil for another name.
  static func usualFolder(of path: String) -> String? {
    let name = path.split(separator: "/").last.map(String.init) ?? "", ending = ".toml"
    return name.hasSuffix(ending) && name.count > ending.count ? String(name.dropLast(ending.count)) : nil
  }

  private static let axisKey = "axis", outputKey = "output"

  private static func axes(_ table: TOMLTable) throws -> [[(key: String, values: SweepValues)]] {
    guard let found = table[axisKey] else { return [] }
    guard let array = found.array else {
      throw DiffusionError(.badData, "axis is not written as [[axis]]: expected a table for each side of the grid")
    }
    return try array.enumerated().map { index, value in
      guard let table = value.table, !table.isEmpty else {
        throw DiffusionError(.badData, "axis \(index + 1): expected a setting with its values, such as seed = \"0-99\"")
      }
      return try table.keys.sorted().compactMap { key in
        guard let value = table[key] else { return nil }
        do {
          return (key, try SweepValues(SettingValue(value)))
        } catch let error as DiffusionError {
          throw DiffusionError(error.kind, "axis \(index + 1): \(key): \(error.message)")
        }
      }
    }
  }

  private static func output(_ value: SettingValue?) throws -> SweepPlan.Output {
    var output = SweepPlan.Output()
    guard let value else { return output }
    guard case .table(let entries) = value else {
      throw DiffusionError(.badData, "output is no table: expected [output] with images or statistics")
    }
    for (key, value) in entries.sorted(by: { $0.key < $1.key }) {
      guard case .bool(let isOn) = value, ["images", "statistics"].contains(key) else {
        throw DiffusionError(
          .badData, "output: \(key) = \(value.text): expected images or statistics, each true or false")
      }
      if key == "images" { output.images = isOn } else { output.statistics = isOn }
    }
    return output
  }
}
