import DiffusionCore
import Lessons

/// The available lessons, in order.
public struct LessonLibrary: Sendable, Equatable {
  /// The lessons.
  public let lessons: [Lesson]
  /// One line for each file that could not be parsed.
  public let notices: [String]

  /// Parses lessons. Invalid files become notices.
  ///
  /// - Parameter files: TOML by name.
  public init(files: [String: String] = BuiltInLessons.all) {
    var lessons: [Lesson] = []
    var notices: [String] = []
    for (name, text) in files.sorted(by: { $0.key < $1.key }) {
      do {
        lessons.append(try LessonParser(name: name, path: "\(name).toml").parse(text))
      } catch {
        notices.append(String(describing: error))
      }
    }
    self.lessons = lessons.sorted { ($0.order, $0.name) < ($1.order, $1.name) }
    self.notices = notices
  }

  /// The lesson with a name.
  ///
  /// - Throws: `DiffusionError` (`usage`) that lists the available lessons.
  public func lesson(named name: String) throws -> Lesson {
    if let lesson = lessons.first(where: { $0.name == name }) { return lesson }
    let names = lessons.map(\.name)
    let near = NearestName.question(name, among: names)
    throw DiffusionError(
      .usage, "lesson '\(name)' is unknown: \(near)expected one of \(names.joined(separator: ", ")), or a .toml file")
  }

  /// The lesson after another in the list; nil after the last, and after one that is not in the list.
  package func lesson(after lesson: Lesson) -> Lesson? {
    guard let index = lessons.firstIndex(where: { $0.name == lesson.name }) else { return nil }
    return lessons.indices.contains(index + 1) ? lessons[index + 1] : nil
  }

  /// Parses a lesson from the bytes of a file.
  ///
  /// - Parameter path: As in ``lesson(at:text:)``.
  /// - Throws: As ``lesson(at:text:)``, and `DiffusionError` (`badData`) for bytes that are not text.
  public static func lesson(at path: String, bytes: [UInt8]) throws -> Lesson {
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "lesson \(path): expected text in UTF-8, found other bytes")
    }
    return try lesson(at: path, text: text)
  }

  /// Parses a lesson from the text of a file.
  ///
  /// - Parameter path: The path of the file; its name without the extension is the lesson's name.
  /// - Throws: `DiffusionError` (`badData`) that names the file, and the invalid line or key.
  public static func lesson(at path: String, text: String) throws -> Lesson {
    let file = path.split(separator: "/").last.map(String.init) ?? path
    return try LessonParser(name: file.hasSuffix(".toml") ? String(file.dropLast(5)) : file, path: path).parse(text)
  }
}
