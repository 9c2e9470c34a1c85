import DiffusionCore
import DiffusionTUI

/// The user's themes: `$XDG_CONFIG_HOME/diffusion-tui/themes/*.toml`, else below `~/.config`.
enum UserThemes {
  /// The built-in themes and those of a folder. A file that cannot be read as text gives a notice.
  static func library(_ folders: UserFolders, files: FileSystem) -> ThemeLibrary {
    guard let folder = folders.themes else { return ThemeLibrary() }
    let found = files.names(folder).filter { $0.hasSuffix(".toml") }.map { name in
      let path = "\(folder)/\(name)"
      return (path: path, text: Result { try text(of: path, files: files) })
    }
    return ThemeLibrary(userFiles: found)
  }

  private static func text(of path: String, files: FileSystem) throws -> String {
    guard let bytes = try files.read(path) else { throw DiffusionError(.missingInput, "\(path): no such file") }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw DiffusionError(.badData, "theme \(path): expected text in UTF-8, found other bytes")
    }
    return text
  }
}
