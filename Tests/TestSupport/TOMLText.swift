import DiffusionCore

/// Values in TOML.
public enum TOMLText {
  /// The text of a value; tables are on one line.
  public static func of(_ value: SettingValue) -> String {
    switch value {
    case .null: "\"\""
    case .bool, .number: value.text
    // TOML's whole numbers end at 2^63-1.
    case .integer(let number): number > Int128(Int64.max) ? "\"\(number)\"" : "\(number)"
    case .text(let text): "\"\(text)\""
    case .list(let values): "[\(values.map(of).joined(separator: ", "))]"
    case .table(let values):
      "{ \(values.sorted { $0.key < $1.key }.map { "\($0.key) = \(of($0.value))" }.joined(separator: ", ")) }"
    }
  }
}
