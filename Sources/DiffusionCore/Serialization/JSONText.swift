import FoundationEssentials

/// Decodes JSON with errors of one line.
public enum JSONText {
  /// Decodes a value.
  ///
  /// - Parameters:
  ///   - type: What to decode.
  ///   - bytes: The text, in UTF-8.
  ///   - source: What errors call it, usually the path of its file.
  /// - Throws: ``DiffusionError`` (`badData`) that names the source and the key, or the line and the column where it is
  ///   no JSON.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], source: String
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw DiffusionError(.badData, "\(source): \(description(of: error, in: bytes))")
    } catch let error as DiffusionError {
      // What a type says of its own values, better than any other words for it.
      throw DiffusionError(.badData, "\(source): \(error.message)")
    } catch {
      throw DiffusionError(.badData, "\(source): \(invalid(bytes))")
    }
  }

  /// Where a text stops being JSON, what should stand there and what does, in one line; nil where its grammar is that
  /// of RFC 8259.
  public static func fault(in bytes: [UInt8]) -> String? { JSONFault(in: bytes)?.description(in: bytes) }

  /// A text of the right form may still have a number that nothing holds.
  private static func invalid(_ bytes: [UInt8]) -> String {
    "not valid JSON" + (fault(in: bytes).map { ": \($0)" } ?? "")
  }

  private static func description(of error: DecodingError, in bytes: [UInt8]) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) is not \(name(of: type))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(place(context.codingPath)) has a value that cannot be read"
    default:
      return invalid(bytes)
    }
  }

  private static func place(_ path: [any CodingKey]) -> String {
    guard !path.isEmpty else { return "the text" }
    return path.map { key in key.intValue.map { "[\($0)]" } ?? "\"\(key.stringValue)\"" }.joined(separator: " > ")
  }

  private static func name(of type: any Any.Type) -> String {
    if type == String.self { return "a string" }
    if type == Int.self { return "an integer" }
    // Containers come with element types that say nothing to people.
    let text = String(describing: type)
    if text.hasPrefix("Dictionary") { return "an object" }
    return text.hasPrefix("Array") ? "an array" : "of the expected type"
  }
}
