import DiffusionTUI

/// The themes that people wrote: `$XDG_CONFIG_HOME/diffusion-tui/themes/*.toml`, else below `~/.config`.
enum UserThemes {
  /// The built-in themes and those of a folder. A file that cannot be read as text is taken as empty, which its notice tells.
  static func library(_ folders: UserFolders, files: FileSystem) -> ThemeLibrary {
    guard let folder = folders.themes else { return ThemeLibrary() }
    let found = files.names(folder).filter { $0.hasSuffix(".toml") }.map { name in
      let path = "\(folder)/\(name)"
      let bytes = (try? files.read(path)) ?? []
      return (path: path, text: String(decoding: bytes, as: UTF8.self))
    }
    return ThemeLibrary(userFiles: found)
  }
}
