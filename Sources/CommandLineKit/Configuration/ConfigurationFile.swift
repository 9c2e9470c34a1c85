import DiffusionCore
import DiffusionTUI

/// A person's config.toml.
enum ConfigurationFile {
  /// What the file says; the standard where there is none.
  ///
  /// - Throws: ``DiffusionError`` that names the file: `badData` for what it holds, `inputOutput` if it cannot be read.
  static func load(_ folders: UserFolders, files: FileSystem) throws -> Configuration {
    guard let path = folders.configurationFile, let bytes = try files.read(path) else { return Configuration() }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "\(path): expected text in UTF-8, found other bytes")
    }
    return try ConfigurationParser(path: path).parse(text)
  }
}
