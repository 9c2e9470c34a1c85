/// A JSON value, so that an error can say what stands where something else was expected.
enum UNet2DModelConfigValue: Decodable, Equatable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([UNet2DModelConfigValue])
  case object([String: UNet2DModelConfigValue])

  init(from decoder: any Decoder) throws {
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
    } else if let value = try? container.decode([UNet2DModelConfigValue].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: UNet2DModelConfigValue].self))
    }
  }
}

extension UNet2DModelConfigValue: CustomStringConvertible {
  /// The value as an error shows it: on one line, shortened, and without what a terminal would obey.
  var description: String {
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
