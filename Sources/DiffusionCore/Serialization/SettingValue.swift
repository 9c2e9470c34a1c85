/// The value of a setting, or of an option of a configuration, in a file or on a command line: the types that JSON and
/// TOML share. Errors describe what they found with it.
public enum SettingValue: Sendable, Hashable {
  /// No value, for a setting that may be absent.
  case null
  /// True or false.
  case bool(Bool)
  /// A whole number. Seeds need 64 bits, signed and unsigned.
  case integer(Int128)
  /// Any other number; never a whole one.
  case number(Double)
  /// A text.
  case text(String)
  /// Values in their order.
  case list([SettingValue])
  /// Values by their keys.
  case table([String: SettingValue])

  /// Creates a number; a whole one is the same value in either notation.
  public init(number value: Double) {
    let whole = Int128(exactly: value).flatMap { value.sign == .plus || $0 != 0 ? $0 : nil }
    self = whole.map { .integer($0) } ?? .number(value)
  }

  /// Creates a number from binary32, as the shortest decimal that reads back as it.
  public init(number value: Float) {
    let shortest = Double("\(value)") ?? Double(value)
    self.init(number: Float(shortest) == value ? shortest : Double(value))
  }

  /// The number; nil for any other value. Infinities and NaN are text where a file's format lacks them.
  var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    case .text(let text): Self.nonFinite.first { $0.text == text }?.number
    default: nil
    }
  }

  /// The names that Python's `float` reads, as in reports.
  private static let nonFinite: [(text: String, number: Double)] = [
    ("inf", .infinity), ("-inf", -.infinity), ("nan", .nan),
  ]

  /// The value as text: whole numbers without a point, lists with commas between their values, tables as
  /// `key=value, key=value`, the keys in alphabetical order.
  public var text: String {
    switch self {
    case .null: ""
    case .bool(let isOn): "\(isOn)"
    case .integer(let number): "\(number)"
    case .number(let number): "\(number)"
    case .text(let text): text
    case .list(let values): values.map(\.text).joined(separator: ",")
    case .table(let values): pairs(values).joined(separator: ", ")
    }
  }

  /// The entries of a table as `key=value`, the keys in alphabetical order.
  func pairs(_ values: [String: SettingValue]) -> [String] {
    values.sorted { $0.key < $1.key }.map { key, value in
      if case .list = value { "\(key)=[\(value.text)]" } else { "\(key)=\(value.text)" }
    }
  }

  /// Creates a scalar from text: `true`, `false`, a whole number, a number, or otherwise text; or a list of scalars
  /// from text in brackets, `[0.1,0.2]`.
  public init(scalar text: String) {
    if text.hasPrefix("["), text.hasSuffix("]"), text.count >= 2 {
      // One level: a list in a list stays text, however deep a line of brackets goes.
      let parts = text.dropFirst().dropLast().split(separator: ",").map { $0.drop { $0 == " " } }
      self = .list(parts.map { SettingValue(single: String($0)) })
    } else {
      self.init(single: text)
    }
  }

  private init(single text: String) {
    if let isOn = Bool(text) {
      self = .bool(isOn)
    } else if let number = Int128(text) {
      self = .integer(number)
    } else if Self.isDecimal(text), let number = Double(text) {
      self.init(number: number)
    } else {
      self = .text(text)
    }
  }

  /// Creates a number from decimal text; any other text stays text.
  init(decimal text: String) {
    self = Self.isDecimal(text) ? Double(text).map { SettingValue(number: $0) } ?? .text(text) : .text(text)
  }

  /// Whether a text consists of the characters of a decimal number: neither `nan` nor hexadecimal digits.
  private static func isDecimal(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { "0123456789+-.eE".contains($0) }
  }

  /// The fault of a setting that has this value.
  func fault(_ name: String, expected: String) -> SettingFault {
    switch self {
    case .null: SettingFault(name, found: nil, expected: expected)
    case .list(let values):
      SettingFault(name, found: "[\(values.map(\.text).joined(separator: ", "))]", expected: expected)
    case .table: SettingFault(name, found: "{ \(text) }", expected: expected)
    case .text: SettingFault(name, found: text, isText: true, expected: expected)
    case .bool, .integer, .number: SettingFault(name, found: text, expected: expected)
    }
  }
}

extension SettingValue: Codable {
  /// Decodes any JSON value.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .integer(Int128(value))
    } else if let value = try? container.decode(Int64.self) {
      self = .integer(Int128(value))
    } else if let value = try? container.decode(Double.self) {
      self.init(number: value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([SettingValue].self) {
      self = .list(values)
    } else {
      self = .table(try container.decode([String: SettingValue].self))
    }
  }

  /// Encodes a JSON value; infinities and NaN, which JSON lacks, as text.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .null: try container.encodeNil()
    case .bool(let value): try container.encode(value)
    case .integer(let value):
      if let whole = Int64(exactly: value) {
        try container.encode(whole)
      } else if let whole = UInt64(exactly: value) {
        try container.encode(whole)
      } else {
        try container.encode(Double(value))
      }
    case .number(let value) where value.isFinite: try container.encode(value)
    case .number(let value): try container.encode(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
    case .text(let value): try container.encode(value)
    case .list(let values): try container.encode(values)
    case .table(let values): try container.encode(values)
    }
  }
}

extension SettingValue: CustomStringConvertible {
  /// The value as shown in an error: on one line, shortened, and without control characters.
  public var description: String {
    let text = literal
    guard text.count > 80 else { return text }
    return text.prefix(77) + "..."
  }

  private var literal: String {
    switch self {
    case .null: "null"
    case .bool, .integer, .number: text
    case .text(let value): "'" + value.unicodeScalars.map(Self.printable).joined() + "'"
    case .list(let values): "[" + values.prefix(40).map(\.description).joined(separator: ", ") + "]"
    case .table: "an object"
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
