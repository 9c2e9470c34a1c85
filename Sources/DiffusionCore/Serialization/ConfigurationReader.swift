/// Reads the keys of a configuration's JSON object, with a default for each.
public struct ConfigurationReader: Sendable {
  /// The name of the file in error messages.
  let file: String
  /// The object.
  package let values: [String: SettingValue]
  /// A line for each key of the file that occurs again.
  let warnings: [String]

  /// Creates a reader of an object.
  ///
  /// - Parameters:
  ///   - file: Its name in error messages: usually the path of its file.
  ///   - values: The object, by its keys.
  public init(file: String, values: [String: SettingValue]) {
    self.init(file: file, values: values, warnings: [])
  }

  private init(file: String, values: [String: SettingValue], warnings: [String]) {
    (self.file, self.values, self.warnings) = (file, values, warnings)
  }

  /// Creates a reader from the bytes of a file.
  ///
  /// - Throws: ``DiffusionError`` (`badData`) that names the file, and the line and the column where it is not valid
  ///   JSON.
  public init(json: some Sequence<UInt8>, file: String) throws {
    let json = Array(json)
    let document = try JSONText.parse(json, source: file), value = document.value
    guard case .table(let values) = value else {
      throw DiffusionError(.badData, "\(file): expected a JSON object, found \(value)")
    }
    if let message = Self.serverError(in: values) {
      throw DiffusionError(.badData, "\(file): a server's error message, \(message): download the file again")
    }
    self.init(file: file, values: values, warnings: document.warnings)
  }

  /// What a server says in the place of a file; nil for anything else.
  private static func serverError(in values: [String: SettingValue]) -> SettingValue? {
    guard values.count <= 3 else { return nil }
    for key in ["error", "message", "detail"] {
      if case .text(let text)? = values[key] { return .text(String(text.prefix(80))) }
    }
    return nil
  }

  /// The same file with another object.
  func with(values: [String: SettingValue]) -> ConfigurationReader {
    ConfigurationReader(file: file, values: values, warnings: warnings)
  }

  func error(_ key: String, _ found: some CustomStringConvertible, expected: String) -> DiffusionError {
    inFile(DiffusionError(.badData, "\(key) is \(found): expected \(expected)"))
  }

  /// An error about what the file says, with the file's name.
  func inFile(_ error: DiffusionError) -> DiffusionError {
    file.isEmpty ? error : DiffusionError(error.kind, "\(file): \(error.message)")
  }

  /// The value of a key, or nil if it is missing; null is a value.
  func value(_ key: String) -> SettingValue? { values[key] }

  func int(_ key: String, default fallback: Int) throws -> Int {
    guard let value = value(key) else { return fallback }
    return try int(key, value, expected: "a whole number")
  }

  /// A whole number or null; `fallback` only if the key is missing.
  func optionalInt(_ key: String, default fallback: Int?) throws -> Int? {
    guard let value = value(key) else { return fallback }
    if case .null = value { return nil }
    return try int(key, value, expected: "a whole number or null")
  }

  /// True or false. Diffusers asks for the truth of every such option, so null is false.
  func bool(_ key: String, default fallback: Bool) throws -> Bool {
    switch value(key) {
    case nil: return fallback
    case .null: return false
    case .bool(let flag): return flag
    case .some(let other): throw error(key, other, expected: "true or false")
    }
  }

  func double(_ key: String, default fallback: Double) throws -> Double {
    guard let value = value(key) else { return fallback }
    guard let number = value.double else { throw error(key, value, expected: "a number") }
    return number
  }

  /// A string or null; `fallback` only if the key is missing.
  func optionalString(_ key: String, default fallback: String?) throws -> String? {
    guard let value = value(key) else { return fallback }
    switch value {
    case .null: return nil
    case .text(let text): return text
    default: throw error(key, value, expected: "a string or null")
    }
  }

  func ints(_ key: String, default fallback: [Int]) throws -> [Int] {
    guard let value = value(key) else { return fallback }
    let expected = "a list of whole numbers"
    guard case .list(let elements) = value else { throw error(key, value, expected: expected) }
    return try elements.enumerated().map { try int("\(key)[\($0)]", $1, expected: "a whole number") }
  }

  /// A list of numbers.
  func doubles(_ key: String, _ value: SettingValue) throws -> [Double] {
    guard case .list(let elements) = value else {
      throw error(key, value, expected: "null or a list of numbers")
    }
    return try elements.enumerated().map { index, element in
      guard let number = element.double else { throw error("\(key)[\(index)]", element, expected: "a number") }
      return number
    }
  }

  /// The object of a key; nil if it is missing.
  func optionalTable(_ key: String) throws -> ConfigurationReader? {
    guard let value = value(key) else { return nil }
    guard case .table(let values) = value else { throw error(key, value, expected: "an object") }
    return ConfigurationReader(file: file, values: values)
  }

  /// The object of a key.
  func table(_ key: String) throws -> ConfigurationReader {
    if let table = try optionalTable(key) { return table }
    throw DiffusionError(.badData, "\(file): \(key) is missing: expected an object")
  }

  /// A name of an enumeration.
  func name<Name: RawRepresentable & CaseIterable>(_ key: String, _ value: SettingValue) throws -> Name
  where Name.RawValue == String {
    guard case .text(let text) = value, let name = Name(rawValue: text) else {
      throw error(key, value, expected: Name.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return name
  }

  func int(_ key: String, _ value: SettingValue, expected: String) throws -> Int {
    switch value {
    case .integer(let number):
      if let whole = Int(exactly: number) { return whole }
    case .number(0): return 0
    default: break
    }
    throw error(key, value, expected: expected)
  }
}
