import FoundationEssentials

/// Decodes JSON with one-line errors.
public enum JSONText {
  /// Decodes a value.
  ///
  /// - Parameters:
  ///   - type: The type to decode.
  ///   - bytes: The text, in UTF-8.
  ///   - source: The name of the text in error messages, usually the path of its file.
  /// - Throws: ``DiffusionError`` (`badData`) that names the source and the key, or the line and the column where it is
  ///   not valid JSON.
  public static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], source: String
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw DiffusionError(.badData, "\(source): \(description(of: error, in: bytes))")
    } catch let error as DiffusionError {
      // A type's message about its own values is the most specific.
      throw DiffusionError(.badData, "\(source): \(error.message)")
    } catch {
      throw DiffusionError(.badData, "\(source): \(invalid(bytes))")
    }
  }

  /// The position where a text is not valid JSON, what was expected there and what was found, in one line; nil if it
  /// fits the grammar of RFC 8259.
  public static func fault(in bytes: [UInt8]) -> String? { JSONFault(in: bytes)?.description(in: bytes) }

  /// Text with valid grammar may still contain a number out of range.
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
    // The element types of containers mean nothing to a reader.
    let text = String(describing: type)
    if text.hasPrefix("Dictionary") { return "an object" }
    return text.hasPrefix("Array") ? "an array" : "of the expected type"
  }
}
