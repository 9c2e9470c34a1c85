import TensorKernels

/// Decodes JSON with one-line errors.
public enum JSONText {
  /// The contents of a text.
  struct Document {
    let value: SettingValue
    /// The keys that occur again in their objects.
    let repeatedKeys: [String]
    /// A line for each of them.
    let warnings: [String]
  }

  /// The maximum number of lines about one text.
  private static let maximumWarnings = 5

  /// Decodes a value.
  ///
  /// - Parameters:
  ///   - type: The type to decode.
  ///   - bytes: The text, in UTF-8.
  ///   - source: The name of the text in error messages, usually the path of its file.
  ///   - maximum: The most values that it may have.
  /// - Throws: ``DiffusionError`` (`badData`) that names the source and the key, or the line and the column where it is
  ///   not valid JSON.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], source: String, maximum: Int = maximumValues
  ) throws -> Value {
    try decode(type, from: parse(bytes, source: source, maximum: maximum).value, source: source)
  }

  /// Decodes a value that was parsed already; see ``decode(_:from:source:)-([UInt8])``.
  static func decode<Value: Decodable>(_ type: Value.Type, from value: SettingValue, source: String) throws -> Value {
    do {
      return try JSONValueDecoder(value: value, codingPath: []).decode(type)
    } catch let error as DecodingError {
      throw DiffusionError(.badData, "\(source): \(description(of: error))")
    } catch let error as DiffusionError {
      // A type's message about its own values is the most specific.
      throw DiffusionError(.badData, "\(source): \(error.message)")
    }
  }

  /// Parses any value.
  ///
  /// - Throws: ``DiffusionError`` that names the source: `badData` with the line and the column where it is not valid
  ///   JSON, or for more values than `maximum`; `unavailable` if memory is short.
  static func parse(_ bytes: [UInt8], source: String, maximum: Int = maximumValues) throws -> Document {
    try requireFewValues(bytes, source: source, maximum: maximum)
    var parser = JSONParser(bytes)
    do throws(SyntaxFault) {
      let value = try parser.parse()
      let warnings = parser.repeats.prefix(maximumWarnings).map { warning($0, in: bytes, source: source) }
      return Document(value: value, repeatedKeys: parser.repeats.map(\.key), warnings: warnings)
    } catch {
      let other =
        switch StrayText(bytes) {
        case .gitLFSPointer: "; it is a Git LFS pointer to the file: fetch it with git lfs pull"
        case .webPage: "; it is a web page: download the file itself"
        case .zipArchive: "; it is a zip archive: unpack it"
        case nil: ""
        }
      throw DiffusionError(.badData, "\(source): not valid JSON: \(error.description(in: bytes))\(other)")
    }
  }

  /// The most values that a JSON text may usually have: a tree of them takes up to 200 bytes for each.
  public static let maximumValues = 300_000

  /// Refuses a text that would take much more memory than its own size once it is parsed.
  ///
  /// - Parameters:
  ///   - bytes: The text.
  ///   - source: Its name in the error.
  ///   - maximum: The largest number of commas outside of texts. Of those between plain numbers in a list, which take
  ///     an eighth of the memory, four count as one.
  ///   - bytesEach: The bytes that each of those four takes, where memory is looked for.
  /// - Throws: ``DiffusionError``: `badData`, or `unavailable` if there is no memory for them.
  static func requireFewValues(
    _ bytes: [UInt8], source: String, maximum: Int = maximumValues, bytesEach: Int = 50
  ) throws {
    // A comma takes a byte, so that nearly every text is short enough.
    guard bytes.count > maximum else { return }
    var commas = 0, quarters = 0, isText = false, isEscaped = false, isPlain = true
    for byte in bytes {
      if isEscaped {
        isEscaped = false
      } else if isText {
        isEscaped = byte == UInt8(ascii: "\\")
        isText = byte != UInt8(ascii: "\"")
      } else if byte == UInt8(ascii: ",") {
        commas += 1
        // A value of an object has a key before it, which is no plain number.
        quarters += isPlain ? 1 : 4
        isPlain = true
      } else {
        isText = byte == UInt8(ascii: "\"")
        if isText || isBracket(byte) { isPlain = false }
      }
    }
    guard quarters <= 4 * maximum else {
      throw DiffusionError(.badData, "\(source): has \(commas) commas between values: expected at most \(maximum)")
    }
    guard SystemAllocator().leavesRoom(byteCount: quarters * bytesEach) else {
      throw DiffusionError(
        .unavailable,
        "\(source): out of memory: needs about \(quarters * bytesEach / 1_000_000) MB to be read: raise the limit "
          + "(ulimit -v), or free memory")
    }
  }

  /// Whether a byte begins or ends a list or an object. A string's view of bytes would be searched ten times as long.
  static func isBracket(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "["), UInt8(ascii: "]"), UInt8(ascii: "{"), UInt8(ascii: "}"): true
    default: false
    }
  }

  /// A line for each key that occurs again in its object: the last one counts, as in Python. None where a text is not
  /// JSON.
  ///
  /// - Parameters:
  ///   - bytes: The text, in UTF-8.
  ///   - source: The name of the text, usually the path of its file.
  public static func warnings(about bytes: [UInt8], source: String) -> [String] {
    (try? parse(bytes, source: source).warnings) ?? []
  }

  /// The position where a text is not valid JSON, what was expected there and what was found, in one line; nil if it
  /// is.
  public static func fault(in bytes: [UInt8]) -> String? {
    var parser = JSONParser(bytes)
    do throws(SyntaxFault) {
      _ = try parser.parse()
      return nil
    } catch {
      return error.description(in: bytes)
    }
  }

  private static func warning(_ found: JSONParser.Repeat, in bytes: [UInt8], source: String) -> String {
    let place = TextPosition(of: found.index, in: bytes)
    return "\(source): \(place): key \(SettingValue.text(found.key)) occurs again: the last one counts"
  }

  private static func description(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) is not \(name(of: type))"
    case .dataCorrupted(let context):
      return "\(place(context.codingPath)) has a value that cannot be read"
    @unknown default:
      return "a value cannot be read"
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the text" }
    return path.map { key in key.intValue.map { "[\($0)]" } ?? "\"\(key.stringValue)\"" }.joined(separator: " > ")
  }

  private static func name(of type: any Any.Type) -> String {
    if type == String.self { return "a string" }
    if type == Int.self { return "an integer" }
    // The element types of containers mean nothing to a reader.
    let text = String(describing: type)
    if text.hasPrefix("Dictionary") { return "an object" }
    return text.hasPrefix("Array") ? "an array" : "of the expected type"
  }
}
