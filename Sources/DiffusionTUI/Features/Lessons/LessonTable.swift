import DiffusionCore
import TOMLKit

/// A table of a lesson's file, parsed with errors that name the file and the key.
struct LessonTable {
  /// The table.
  let table: TOMLTable
  /// The path of keys to the table, with a trailing dot: `steps[2].`; empty for the file itself.
  let prefix: String
  /// The file name, for error messages.
  let path: String

  /// An error about a key.
  func error(_ key: String, _ message: String) -> DiffusionError {
    DiffusionError(.badData, "lesson \(path): \(prefix)\(key) \(message)")
  }

  /// An error about a setting.
  func error(_ fault: SettingFault) -> DiffusionError { error(fault.keyMessage) }

  /// An error whose message names the key.
  func error(_ message: String) -> DiffusionError { DiffusionError(.badData, "lesson \(path): \(prefix)\(message)") }

  /// Rejects unknown keys.
  func refuseUnknown(but known: [String]) throws {
    for key in keys where !known.contains(key) {
      throw error(key, "is unknown: expected \(known.joined(separator: ", "))")
    }
  }

  /// The keys of the table.
  var keys: [String] { table.keys.sorted() }

  /// Whether a value is an integer.
  func isInteger(_ key: String) -> Bool { table[key]?.int != nil }

  /// Whether a key is present.
  func has(_ key: String) -> Bool { table[key] != nil }

  /// A value in the form that settings use; nil if the key is missing.
  func value(_ key: String) -> SettingValue? { table[key].map { SettingValue($0) } }

  /// A non-empty string.
  func text(_ key: String, such example: String) throws -> String {
    guard let value = table[key] else { throw error(key, "is missing: expected a text such as \"\(example)\"") }
    guard let text = value.string, !text.allSatisfy(\.isWhitespace) else {
      throw error(key, "is \(value.string == nil ? "no text" : "empty"): expected one such as \"\(example)\"")
    }
    return text
  }

  /// A string; nil if the key is missing.
  func optionalText(_ key: String, such example: String) throws -> String? {
    has(key) ? try text(key, such: example) : nil
  }

  /// An integer in a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = table[key]?.int, range.contains(number) else {
      throw error(key, "\(found(key)): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// An integer in a range, or a default if the key is missing.
  func integer(_ key: String, in range: ClosedRange<Int>, else standard: Int) throws -> Int {
    has(key) ? try integer(key, in: range) : standard
  }

  /// A number in a range, integer or floating-point.
  func number(_ key: String, in range: ClosedRange<Double>) throws -> Double {
    guard let number = table[key]?.double ?? table[key]?.int.map(Double.init), range.contains(number) else {
      throw error(key, "\(found(key)): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A list of integers in a range; its length must be in `count`.
  func integers(_ key: String, in range: ClosedRange<Int>, count: ClosedRange<Int>) throws -> [Int] {
    let numbers = table[key]?.array?.map { $0.int }
    guard let numbers, count.contains(numbers.count), numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      let amount = count.lowerBound == count.upperBound ? "\(count.lowerBound)" : "\(count.lowerBound) or more"
      throw error(
        key, "\(found(key)): expected \(amount) whole numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    return numbers.compactMap { $0 }
  }

  /// A list of strings; empty if the key is missing.
  func texts(_ key: String) throws -> [String] {
    guard let value = table[key] else { return [] }
    guard let array = value.array else { throw error(key, "is no list: expected texts such as [\"right\"]") }
    return try array.enumerated().map { index, element in
      guard let text = element.string else { throw error("\(key)[\(index + 1)]", "is no text") }
      return text
    }
  }

  /// A nested table.
  func subtable(_ key: String, such example: String) throws -> LessonTable {
    guard let inner = table[key]?.table else { throw error(key, "\(found(key)): expected a table such as \(example)") }
    return LessonTable(table: inner, prefix: "\(prefix)\(key).", path: path)
  }

  /// The tables of a list, numbered from 1; empty if the key is missing.
  func subtables(_ key: String) throws -> [LessonTable] {
    guard let value = table[key] else { return [] }
    guard let array = value.array else { throw error(key, "is no list of tables") }
    return try array.enumerated().map { index, element in
      guard let inner = element.table else { throw error("\(key)[\(index + 1)]", "is no table") }
      return LessonTable(table: inner, prefix: "\(prefix)\(key)[\(index + 1)].", path: path)
    }
  }

  /// The value of a key, for error messages.
  func found(_ key: String) -> String {
    guard let value = table[key] else { return "is missing" }
    if let number = value.int { return "is \(number)" }
    if let number = value.double { return "is \(number)" }
    if let text = value.string { return "is \"\(text)\"" }
    return "is of the wrong type, or holds a wrong value"
  }
}
