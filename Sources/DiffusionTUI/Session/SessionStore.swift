import DiffusionCore
import FoundationEssentials

/// Keeps the last session of each model in `$XDG_STATE_HOME/diffusion-tui/session.json`. The file is written beside
/// itself and renamed, so that nobody ever finds half of one.
package struct SessionStore: Sendable {
  /// What was found.
  package struct Loaded: Sendable, Equatable {
    /// The model's last session; nil if there is none, or none that can be read.
    package let session: SavedSession?
    /// One line about a file that was passed over, for the screen.
    package let notice: String?
  }

  private struct Header: Decodable { let format: Int }

  private let path: String
  private let files: FileSystem

  /// Makes a store.
  ///
  /// - Parameters:
  ///   - path: The file, as ``UserFolders/sessionFile`` names it.
  ///   - files: Where it lies.
  package init(path: String, files: FileSystem) {
    self.path = path
    self.files = files
  }

  /// The last session of a model. A file that is damaged, or of a later program, is no error: one line tells of it.
  package func load(model: String) -> Loaded {
    do {
      let session = try read()?.sessions.first { $0.model == model }
      try session?.validate()
      return Loaded(session: session, notice: nil)
    } catch {
      return Loaded(session: nil, notice: "the last session is not resumed: \(error)")
    }
  }

  /// Remembers a session, and keeps those of other models. A damaged file is replaced; one of a later program is not.
  ///
  /// - Throws: `DiffusionError` if the file cannot be written, or is of a later program.
  package func save(_ session: SavedSession) throws {
    var file = SessionFile()
    do {
      file = try read() ?? file
    } catch let error as DiffusionError where error.kind == .unavailable {
      throw error
    } catch {
      // Damaged: nothing in it is worth more than the session that replaces it.
    }
    file.remember(session)
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(file) else {
      throw DiffusionError(.inputOutput, "\(path): the session holds a number that JSON lacks")
    }
    try files.write(Array(data) + [UInt8(ascii: "\n")], path)
  }

  /// - Throws: `DiffusionError`: `unavailable` for a later format, `badData` for a damaged file.
  private func read() throws -> SessionFile? {
    guard let bytes = try files.read(path) else { return nil }
    let format = try JSONText.decode(Header.self, from: bytes, source: path).format
    guard format <= SessionFile.currentFormat else {
      throw DiffusionError(
        .unavailable, "\(path): format \(format) is of a later diffusion-tui: expected \(SessionFile.currentFormat)")
    }
    return try JSONText.decode(SessionFile.self, from: bytes, source: path)
  }
}
