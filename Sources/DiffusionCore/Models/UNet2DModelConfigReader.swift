/// Reads the keys of a `config.json`, each with the default it takes where it is missing.
struct UNet2DModelConfigReader {
  let file: String
  let values: [String: UNet2DModelConfigValue]

  func error(_ key: String, _ found: some CustomStringConvertible, expected: String) -> DiffusionError {
    DiffusionError(.badData, "\(file): \(key) is \(found): expected \(expected)")
  }

  /// The value of a key, or nil where it is missing; a null is a value.
  func value(_ key: String) -> UNet2DModelConfigValue? { values[key] }

  func int(_ key: String, default fallback: Int) throws -> Int {
    guard let value = value(key) else { return fallback }
    return try int(key, value, expected: "a whole number")
  }

  /// A whole number or null; `fallback` only where the key is missing.
  func optionalInt(_ key: String, default fallback: Int?) throws -> Int? {
    guard let value = value(key) else { return fallback }
    if case .null = value { return nil }
    return try int(key, value, expected: "a whole number or null")
  }

  func bool(_ key: String, default fallback: Bool) throws -> Bool {
    guard let value = value(key) else { return fallback }
    guard case .bool(let flag) = value else { throw error(key, value, expected: "true or false") }
    return flag
  }

  func double(_ key: String, default fallback: Double) throws -> Double {
    switch value(key) {
    case nil: return fallback
    case .integer(let number): return Double(number)
    case .number(let number): return number
    case .some(let other): throw error(key, other, expected: "a number")
    }
  }

  /// A string or null; `fallback` only where the key is missing.
  func optionalString(_ key: String, default fallback: String?) throws -> String? {
    guard let value = value(key) else { return fallback }
    switch value {
    case .null: return nil
    case .string(let text): return text
    default: throw error(key, value, expected: "a string or null")
    }
  }

  func ints(_ key: String, default fallback: [Int]) throws -> [Int] {
    guard let value = value(key) else { return fallback }
    let expected = "a list of whole numbers"
    guard case .array(let elements) = value else { throw error(key, value, expected: expected) }
    return try elements.map { try int(key, $0, expected: expected) }
  }

  /// One of the names of an enumeration.
  func name<Name: RawRepresentable & CaseIterable>(_ key: String, _ value: UNet2DModelConfigValue) throws -> Name
  where Name.RawValue == String {
    guard case .string(let text) = value, let name = Name(rawValue: text) else {
      throw error(key, value, expected: Name.allCases.map(\.rawValue).joined(separator: " or "))
    }
    return name
  }

  /// A list of block types. Diffusers drops the prefix `UNetRes` of old configurations (`get_down_block`).
  func blockTypes<Name: RawRepresentable & CaseIterable>(_ key: String, default fallback: [Name]) throws -> [Name]
  where Name.RawValue == String {
    guard let value = value(key) else { return fallback }
    guard case .array(let elements) = value else { throw error(key, value, expected: "a list of block types") }
    return try elements.enumerated().map { index, element in
      guard case .string(let text) = element else { throw error("\(key)[\(index)]", element, expected: "a string") }
      let prefix = "UNetRes"
      let current = text.hasPrefix(prefix) ? String(text.dropFirst(prefix.count)) : text
      guard let name = Name(rawValue: current) else {
        let known = Name.allCases.map(\.rawValue).joined(separator: " or ")
        throw error("\(key)[\(index)]", element, expected: "\(known), the block types that are supported")
      }
      return name
    }
  }

  private func int(_ key: String, _ value: UNet2DModelConfigValue, expected: String) throws -> Int {
    guard case .integer(let number) = value else { throw error(key, value, expected: expected) }
    return number
  }
}
