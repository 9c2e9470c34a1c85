import DiffusionCore
import TOMLKit

/// A table of a lesson's file, read with errors that name the file and the key.
struct LessonTable {
  /// What is read.
  let table: TOMLTable
  /// The keys that lead here, with a point at the end: `steps[2].`; empty for the file itself.
  let prefix: String
  /// The file's name, for errors.
  let path: String

  /// The error of a key.
  func error(_ key: String, _ message: String) -> DiffusionError {
    DiffusionError(.badData, "lesson \(path): \(prefix)\(key) \(message)")
  }

  /// The error of a setting.
  func error(_ fault: SettingFault) -> DiffusionError { error(fault.keyMessage) }

  /// An error that names its key itself.
  func error(_ message: String) -> DiffusionError { DiffusionError(.badData, "lesson \(path): \(prefix)\(message)") }

  /// Refuses keys that nobody reads.
  func refuseUnknown(but known: [String]) throws {
    for key in keys where !known.contains(key) {
      throw error(key, "is unknown: expected \(known.joined(separator: ", "))")
    }
  }

  /// The keys there are.
  var keys: [String] { table.keys.sorted() }

  /// Whether a value is a whole number.
  func isInteger(_ key: String) -> Bool { table[key]?.int != nil }

  /// Whether there is a value.
  func has(_ key: String) -> Bool { table[key] != nil }

  /// A value as settings have it; nil if there is none.
  func value(_ key: String) -> SettingValue? { table[key].map { SettingValue($0) } }

  /// A text that is not empty.
  func text(_ key: String, such example: String) throws -> String {
    guard let value = table[key] else { throw error(key, "is missing: expected a text such as \"\(example)\"") }
    guard let text = value.string, !text.allSatisfy(\.isWhitespace) else {
      throw error(key, "is \(value.string == nil ? "no text" : "empty"): expected one such as \"\(example)\"")
    }
    return text
  }

  /// A text, if there is a value.
  func optionalText(_ key: String, such example: String) throws -> String? {
    has(key) ? try text(key, such: example) : nil
  }

  /// A whole number of a range.
  func integer(_ key: String, in range: ClosedRange<Int>) throws -> Int {
    guard let number = table[key]?.int, range.contains(number) else {
      throw error(key, "\(found(key)): expected a whole number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// A whole number, or what holds without one.
  func integer(_ key: String, in range: ClosedRange<Int>, else standard: Int) throws -> Int {
    has(key) ? try integer(key, in: range) : standard
  }

  /// A number of a range, with a point or without.
  func number(_ key: String, in range: ClosedRange<Double>) throws -> Double {
    guard let number = table[key]?.double ?? table[key]?.int.map(Double.init), range.contains(number) else {
      throw error(key, "\(found(key)): expected a number from \(range.lowerBound) to \(range.upperBound)")
    }
    return number
  }

  /// Whole numbers of a range, as many as asked for.
  func integers(_ key: String, in range: ClosedRange<Int>, count: ClosedRange<Int>) throws -> [Int] {
    let numbers = table[key]?.array?.map { $0.int }
    guard let numbers, count.contains(numbers.count), numbers.allSatisfy({ $0.map(range.contains) ?? false }) else {
      let amount = count.lowerBound == count.upperBound ? "\(count.lowerBound)" : "\(count.lowerBound) or more"
      throw error(
        key, "\(found(key)): expected \(amount) whole numbers from \(range.lowerBound) to \(range.upperBound)")
    }
    return numbers.compactMap { $0 }
  }

  /// Texts; none if there is no value.
  func texts(_ key: String) throws -> [String] {
    guard let value = table[key] else { return [] }
    guard let array = value.array else { throw error(key, "is no list: expected texts such as [\"right\"]") }
    return try array.enumerated().map { index, element in
      guard let text = element.string else { throw error("\(key)[\(index + 1)]", "is no text") }
      return text
    }
  }

  /// A table in it.
  func subtable(_ key: String, such example: String) throws -> LessonTable {
    guard let inner = table[key]?.table else { throw error(key, "\(found(key)): expected a table such as \(example)") }
    return LessonTable(table: inner, prefix: "\(prefix)\(key).", path: path)
  }

  /// The tables of a list, counted from 1; none if there is no value.
  func subtables(_ key: String) throws -> [LessonTable] {
    guard let value = table[key] else { return [] }
    guard let array = value.array else { throw error(key, "is no list of tables") }
    return try array.enumerated().map { index, element in
      guard let inner = element.table else { throw error("\(key)[\(index + 1)]", "is no table") }
      return LessonTable(table: inner, prefix: "\(prefix)\(key)[\(index + 1)].", path: path)
    }
  }

  /// What a key holds, for errors.
  func found(_ key: String) -> String {
    guard let value = table[key] else { return "is missing" }
    if let number = value.int { return "is \(number)" }
    if let number = value.double { return "is \(number)" }
    if let text = value.string { return "is \"\(text)\"" }
    return "is of the wrong type, or holds a wrong value"
  }
}
