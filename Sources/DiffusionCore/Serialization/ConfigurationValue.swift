/// A JSON value of a configuration, so that an error can say what stands where something else was expected.
public enum ConfigurationValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([ConfigurationValue])
  case object([String: ConfigurationValue])
}

extension ConfigurationValue: Codable {
  /// Reads any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Int.self) {
      self = .integer(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .string(value)
    } else if let value = try? container.decode([ConfigurationValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: ConfigurationValue].self))
    }
  }

  /// Writes the JSON value.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value): try container.encode(value)
    case .number(let value): try container.encode(value)
    case .string(let value): try container.encode(value)
    case .array(let values): try container.encode(values)
    case .object(let values): try container.encode(values)
    }
  }
}

extension ConfigurationValue {
  /// Reads a value as people type it: `true`, `null`, a number, a list of these in brackets, or else a name, with
  /// quotation marks or without.
  public init(parsing text: String) {
    let text = text.filter { !$0.isNewline }
    switch text {
    case "null", "None", "none": self = .null
    case "true", "True": self = .bool(true)
    case "false", "False": self = .bool(false)
    default: self = Self.parseNumberListOrName(text)
    }
  }

  private static func parseNumberListOrName(_ text: String) -> ConfigurationValue {
    if let number = Int(text) { return .integer(number) }
    if let number = Double(text), number.isFinite { return .number(number) }
    let inner = text.dropFirst().dropLast()
    if text.hasPrefix("["), text.hasSuffix("]"), text.count >= 2 {
      return .array(
        inner.split(separator: ",").map { part in
          ConfigurationValue(parsing: String(part.filter { !$0.isWhitespace }))
        })
    }
    for mark in ["\"", "'"] where text.count >= 2 && text.hasPrefix(mark) && text.hasSuffix(mark) {
      return .string(String(inner))
    }
    return .string(text)
  }

  /// The value as ``init(parsing:)`` reads it, but for objects, which nobody types.
  public var text: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): ConfigurationValue(parsing: value) == self ? value : "'\(value)'"
    case .array(let values): "[" + values.map(\.text).joined(separator: ",") + "]"
    case .object: description
    }
  }
}

extension ConfigurationValue: CustomStringConvertible {
  /// The value as an error shows it: on one line, shortened, and without what a terminal would obey.
  public var description: String {
    let text = literal
    guard text.count > 80 else { return text }
    return text.prefix(77) + "..."
  }

  private var literal: String {
    switch self {
    case .null: "null"
    case .bool(let value): String(value)
    case .integer(let value): String(value)
    case .number(let value): String(value)
    case .string(let value): "'" + value.unicodeScalars.map(Self.printable).joined() + "'"
    case .array(let values): "[" + values.prefix(40).map(\.description).joined(separator: ", ") + "]"
    case .object: "an object"
    }
  }

  private static func printable(_ scalar: Unicode.Scalar) -> String {
    switch scalar.properties.generalCategory {
    case .control, .format, .lineSeparator, .paragraphSeparator:
      "\\u{" + String(scalar.value, radix: 16, uppercase: true) + "}"
    default: String(scalar)
    }
  }
}
