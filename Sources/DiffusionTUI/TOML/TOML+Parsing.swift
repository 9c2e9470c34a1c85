import DiffusionCore
import TOMLKit

extension TOMLTable {
  /// Parses TOML text.
  ///
  /// - Parameter file: The file name, for errors.
  /// - Throws: `DiffusionError` (`badData`) that names the file and the line of the syntax error.
  package convenience init(parsing text: String, file: String) throws {
    do {
      try self.init(string: text)
    } catch let problem as TOMLParseError {
      let reason = problem.description.split(separator: "\n").first ?? "not TOML"
      throw DiffusionError(.badData, "\(file): line \(problem.source.begin.line): \(reason)")
    }
  }
}

extension SettingValue {
  /// Creates a value from a TOML value. Dates and times, which no setting uses, become text.
  package init(_ value: any TOMLValueConvertible) {
    if let isOn = value.bool {
      self = .bool(isOn)
    } else if let number = value.int {
      self = .integer(Int128(number))
    } else if let number = value.double {
      self.init(number: number)
    } else if let list = value.array {
      self = .list(list.map { SettingValue($0) })
    } else if let table = value.table {
      let entries = table.keys.compactMap { key in table[key].map { (key, SettingValue($0)) } }
      self = .table(Dictionary(entries, uniquingKeysWith: { $1 }))
    } else {
      self = .text(value.string ?? value.tomlValue.debugDescription)
    }
  }
}
