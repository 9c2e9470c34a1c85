import Foundation

/// A JSON value, so that tests can compare texts independent of their layout.
package enum JSONValue: Sendable, Equatable {
  case null
  case truth(Bool)
  /// Whole numbers up to 64 bits keep every digit.
  case whole(Int64), large(UInt64)
  case number(Double)
  case text(String)
  indirect case list([JSONValue])
  indirect case object([String: JSONValue])

  /// Parses a text.
  package init(_ bytes: some DataProtocol) throws {
    self = try JSONDecoder().decode(JSONValue.self, from: Data(bytes))
  }

  /// The differences of another value from this one, by path: missing keys and different values. The other may have
  /// more keys.
  ///
  /// - Parameter ignored: Keys whose values are not compared.
  package func missing(in other: JSONValue, ignoring ignored: Set<String> = [], path: String = "") -> [String] {
    switch (self, other) {
    case (.object(let mine), .object(let others)):
      return mine.sorted { $0.key < $1.key }.flatMap { key, value -> [String] in
        guard let found = others[key] else { return ["\(path).\(key) is missing"] }
        return ignored.contains(key) ? [] : value.missing(in: found, ignoring: ignored, path: "\(path).\(key)")
      }
    case (.list(let mine), .list(let others)) where mine.count == others.count:
      return zip(mine, others).enumerated().flatMap { index, pair in
        pair.0.missing(in: pair.1, ignoring: ignored, path: "\(path)[\(index)]")
      }
    default: return self == other ? [] : ["\(path) is \(other), was \(self)"]
    }
  }
}

extension JSONValue: Decodable {
  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .truth(value)
    } else if let value = try? container.decode(Int64.self) {
      self = .whole(value)
    } else if let value = try? container.decode(UInt64.self) {
      self = .large(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let values = try? container.decode([JSONValue].self) {
      self = .list(values)
    } else {
      self = .object(try container.decode([String: JSONValue].self))
    }
  }
}
