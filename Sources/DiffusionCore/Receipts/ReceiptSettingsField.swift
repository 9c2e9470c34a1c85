/// How one setting of a run is read from a receipt and written to it.
struct ReceiptSettingsField: Sendable {
  /// A field's name.
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }
    init(stringValue: String) { self.stringValue = stringValue }
    init?(intValue: Int) { nil }
  }

  let encode: @Sendable (RunSettings, inout KeyedEncodingContainer<Key>) throws -> Void
  let decode: @Sendable (KeyedDecodingContainer<Key>, inout RunSettings) throws -> Void

  /// A field that every receipt has.
  init<Value: Codable & Sendable>(_ name: String, _ path: any WritableKeyPath<RunSettings, Value> & Sendable) {
    let key = Key(stringValue: name)
    encode = { try $1.encode($0[keyPath: path], forKey: key) }
    decode = { $1[keyPath: path] = try Self.value($0, key) }
  }

  /// A field that a receipt has only where it holds another value than most runs.
  init<Value: Codable & Equatable & Sendable>(
    _ name: String, _ path: any WritableKeyPath<RunSettings, Value> & Sendable, omitting usual: Value
  ) {
    let key = Key(stringValue: name)
    encode = { settings, container in
      if settings[keyPath: path] != usual { try container.encode(settings[keyPath: path], forKey: key) }
    }
    decode = { $1[keyPath: path] = $0.contains(key) ? try Self.value($0, key) : usual }
  }

  private static func value<Value: Decodable>(_ container: KeyedDecodingContainer<Key>, _ key: Key) throws -> Value {
    do {
      return try container.decode(Value.self, forKey: key)
    } catch {
      // The decoder forgets the key of a number that its type does not hold, and throws more than its documented error.
      let trouble = container.contains(key) ? "has a value that cannot be read" : "is missing"
      throw DiffusionError(.badData, "settings: \(key.stringValue) \(trouble)")
    }
  }
}
