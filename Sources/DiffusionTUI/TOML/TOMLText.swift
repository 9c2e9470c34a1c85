import DiffusionCore

/// Values in TOML.
package enum TOMLText {
  /// The text of a value; tables are on one line. Null, which TOML has not, is an empty text.
  package static func of(_ value: SettingValue) -> String {
    switch value {
    case .null: quoted("")
    case .bool, .number: value.text
    // TOML's whole numbers end at 2^63-1.
    case .integer(let number): number > Int128(Int64.max) ? quoted("\(number)") : "\(number)"
    case .text(let text): quoted(text)
    case .list(let values): "[\(values.map(of).joined(separator: ", "))]"
    case .table(let values):
      "{ \(values.sorted { $0.key < $1.key }.map { "\(key($0.key)) = \(of($0.value))" }.joined(separator: ", ")) }"
    }
  }

  /// A key, quoted where it has other characters than ASCII letters, digits, hyphens and underscores.
  package static func key(_ key: String) -> String {
    let isBare = key.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"): true
      default: false
      }
    }
    return isBare && !key.isEmpty ? key : quoted(key)
  }

  /// A basic string, on one line.
  private static func quoted(_ text: String) -> String {
    let scalars = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"", "\\": "\\\(scalar)"
      case _ where scalar.value < 0x20 || scalar.value == 0x7F:
        "\\u" + String(repeating: "0", count: scalar.value < 0x10 ? 3 : 2) + String(scalar.value, radix: 16)
      default: String(scalar)
      }
    }
    return "\"\(scalars.joined())\""
  }
}
