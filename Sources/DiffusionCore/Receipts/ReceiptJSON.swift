import FoundationEssentials

/// Encodes receipts as JSON, and computes digests of it.
enum ReceiptJSON {
  /// One object over several lines, keys in alphabetical order. Numbers have the fewest digits that read back as the
  /// same.
  static func text(_ value: some Encodable) throws -> [UInt8] {
    try bytes(value, [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]) + [UInt8(ascii: "\n")]
  }

  /// The digest of a value's JSON without spaces, keys in alphabetical order, so that the layout of a file does not
  /// matter.
  static func digest(of value: some Encodable) throws -> String {
    try bytes(value, [.sortedKeys, .withoutEscapingSlashes]).withUnsafeBytes { ContentHash.sha256($0) }
  }

  /// Each value of an object as JSON, by its key.
  static func options(of value: some Encodable) throws -> [String: String] {
    let text = try bytes(value, [])
    let values = try JSONDecoder().decode([String: OptionText].self, from: Data(text))
    return values.mapValues(\.text)
  }

  /// A JSON value in readable form.
  private struct OptionText: Decodable {
    let text: String

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      if container.decodeNil() {
        text = "null"
      } else if let value = try? container.decode(Bool.self) {
        text = "\(value)"
      } else if let value = try? container.decode(String.self) {
        text = value
      } else if let value = try? container.decode(Double.self) {
        text = "\(value)"
      } else {
        text = try container.decode([Double].self).description
      }
    }
  }

  private static func bytes(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = formatting
    return [UInt8](try encoder.encode(value))
  }
}
