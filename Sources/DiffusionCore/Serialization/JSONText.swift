import FoundationEssentials

/// Decodes JSON with errors of one line.
package enum JSONText {
  /// Decodes a value.
  ///
  /// - Parameter source: What errors call the text, usually the path of its file.
  /// - Throws: ``DiffusionError`` (`badData`) that names the source and the key.
  package static func decode<Value: Decodable>(
    _ type: Value.Type, from bytes: [UInt8], source: String
  ) throws -> Value {
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch let error as DecodingError {
      throw DiffusionError(.badData, "\(source): \(description(of: error))")
    } catch let error as DiffusionError {
      // What a type says of its own values, better than any other words for it.
      throw DiffusionError(.badData, "\(source): \(error.message)")
    } catch {
      throw DiffusionError(.badData, "\(source): not valid JSON")
    }
  }

  private static func description(of error: DecodingError) -> String {
    switch error {
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath + [key])) is missing"
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) is not \(name(of: type))"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
      return "\(place(context.codingPath)) has a value that cannot be read"
    default:
      return "not valid JSON"
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
