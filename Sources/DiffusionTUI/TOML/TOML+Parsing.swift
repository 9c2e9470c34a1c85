import DiffusionCore
import TOMLKit

extension TOMLTable {
  /// Parses TOML text.
  ///
  /// - Parameter file: The file name, for errors.
  /// - Throws: `DiffusionError` (`badData`) that names the file, and the line and the column of the syntax error.
  package convenience init(parsing text: String, file: String) throws {
    let bytes = Array(text.utf8)
    guard bytes.count <= FileAccess.maximumText else { throw FileAccess.tooLarge(file, bytes.count) }
    var scanner = TOMLScanner(bytes)
    do throws(SyntaxFault) {
      try scanner.scan()
    } catch {
      // What toml++ refuses in the lines before comes first.
      _ = try TOMLTable(scanned: String(decoding: bytes[..<scanner.start], as: UTF8.self), file: file)
      throw DiffusionError(.badData, "\(file): \(error.description(in: bytes))")
    }
    try self.init(scanned: text, file: file)
  }

  private convenience init(scanned text: String, file: String) throws {
    do {
      try self.init(string: text)
    } catch let problem as TOMLParseError {
      let begin = problem.source.begin, place = TextPosition(line: begin.line, column: begin.column)
      let reason = problem.description.split(separator: "\n").first ?? "not TOML"
      throw DiffusionError(.badData, "\(file): \(place): \(reason)")
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
