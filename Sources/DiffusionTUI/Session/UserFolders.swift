/// The user's folders for this program, by the XDG base directory specification. A variable that is empty or not an
/// absolute path counts as unset. Nil where `HOME` is missing too.
package struct UserFolders: Sendable, Equatable {
  /// `$XDG_CONFIG_HOME/diffusion-tui`, else below `~/.config`: files that the user writes.
  package let configuration: String?
  /// `$XDG_STATE_HOME/diffusion-tui`, else below `~/.local/state`: files that the program saves.
  package let state: String?

  /// Creates the folders from an environment.
  package init(environment: [String: String]) {
    func folder(_ variable: String, _ standard: String) -> String? {
      if let root = environment[variable], root.hasPrefix("/") { return "\(root)/diffusion-tui" }
      guard let home = environment["HOME"], !home.isEmpty else { return nil }
      return "\(home)/\(standard)/diffusion-tui"
    }
    configuration = folder("XDG_CONFIG_HOME", ".config")
    state = folder("XDG_STATE_HOME", ".local/state")
  }

  /// The file with keys and defaults.
  package var configurationFile: String? { configuration.map { "\($0)/config.toml" } }
  /// The folder with the user's own themes.
  package var themes: String? { configuration.map { "\($0)/themes" } }
  /// The session file.
  package var sessionFile: String? { state.map { "\($0)/session.json" } }
}
