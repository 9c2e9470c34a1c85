import DiffusionCore
import FoundationEssentials

/// Keeps the last session of each model in `$XDG_STATE_HOME/diffusion-tui/session.json`. The file is written under
/// another name and renamed, so that it is never half written.
package struct SessionStore: Sendable {
  /// The result of loading a session.
  package struct Loaded: Sendable, Equatable {
    /// The model's last session; nil if there is none, or none that can be read.
    package let session: SavedSession?
    /// One line for the screen about a file that was ignored.
    package let notice: String?
  }

  private struct Header: Decodable { let format: Int }

  private let path: String
  private let files: FileSystem

  /// Creates a store.
  ///
  /// - Parameters:
  ///   - path: The file, as ``UserFolders/sessionFile`` names it.
  ///   - files: The file system that holds it.
  package init(path: String, files: FileSystem) {
    self.path = path
    self.files = files
  }

  /// Loads the last session of a model. A damaged file, or one from a later version, is not an error; a notice reports
  /// it.
  package func load(model: String) -> Loaded {
    do {
      guard let bytes = try files.read(path) else { return Loaded(session: nil, notice: nil) }
      let session = try decode(bytes).sessions.first { $0.model == model }
      try session?.validate()
      return Loaded(session: session, notice: JSONText.warnings(about: bytes, source: path).first)
    } catch {
      return Loaded(session: nil, notice: "the last session is not resumed: \(error)")
    }
  }

  /// Saves a session and keeps those of other models. A damaged file is replaced; one from a later version is not.
  ///
  /// - Throws: `DiffusionError` if the file cannot be written, or is from a later version.
  package func save(_ session: SavedSession) throws {
    var file = SessionFile()
    do {
      file = try files.read(path).map { try decode($0) } ?? file
    } catch let error as DiffusionError where error.kind == .unavailable {
      throw error
    } catch {
      // The file is damaged: nothing in it is worth more than the session that replaces it.
    }
    file.remember(session)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(file) else {
      throw DiffusionError(.inputOutput, "\(path): the session holds a number that JSON lacks")
    }
    try files.write(Array(data) + [UInt8(ascii: "\n")], path)
  }

  /// Keeps where lessons were left in the last session of a model, whose runs stay as they were. A file that cannot be
  /// read is left alone.
  ///
  /// - Parameter session: The session to save if the model has none.
  /// - Throws: `DiffusionError` if the file cannot be written.
  package func keep(_ places: LessonPlaces, model: String, otherwise session: SavedSession?) throws {
    let loaded = load(model: model)
    guard loaded.session != nil || loaded.notice == nil, var kept = loaded.session ?? session else { return }
    kept.lessons = places
    try save(kept)
  }

  /// - Throws: `DiffusionError`: `unavailable` for a later format, `badData` for a damaged file.
  private func decode(_ bytes: [UInt8]) throws -> SessionFile {
    let format = try JSONText.decode(Header.self, from: bytes, source: path).format
    guard format <= SessionFile.currentFormat else {
      throw DiffusionError(
        .unavailable, "\(path): format \(format) is of a later diffusion-tui: expected \(SessionFile.currentFormat)")
    }
    return try JSONText.decode(SessionFile.self, from: bytes, source: path)
  }
}
