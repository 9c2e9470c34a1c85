import DiffusionTUI
import FoundationEssentials

/// The themes that people wrote: `$XDG_CONFIG_HOME/diffusion-tui/themes/*.toml`, else below `~/.config`.
enum UserThemes {
  /// The built-in themes and those of a folder. A file that cannot be read as text is taken as empty, which its notice tells.
  static func library(environment: [String: String]) -> ThemeLibrary {
    guard let folder = folder(environment: environment) else { return ThemeLibrary() }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    let files = names.filter { $0.hasSuffix(".toml") }.sorted().map { name in
      let path = "\(folder)/\(name)"
      return (path: path, text: String(decoding: FileManager.default.contents(atPath: path) ?? Data(), as: UTF8.self))
    }
    return ThemeLibrary(userFiles: files)
  }

  /// By the XDG base directory specification an empty or relative `XDG_CONFIG_HOME` counts as none.
  static func folder(environment: [String: String]) -> String? {
    if let config = environment["XDG_CONFIG_HOME"], config.hasPrefix("/") { return "\(config)/diffusion-tui/themes" }
    return environment["HOME"].map { "\($0)/.config/diffusion-tui/themes" }
  }
}
