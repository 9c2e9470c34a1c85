/// Where the program keeps what belongs to a person, by the XDG base directory specification. A variable that is empty
/// or holds no absolute path counts as none. Nil where there is no `HOME` either.
package struct UserFolders: Sendable, Equatable {
  /// `$XDG_CONFIG_HOME/diffusion-tui`, else below `~/.config`: what people write.
  package let configuration: String?
  /// `$XDG_STATE_HOME/diffusion-tui`, else below `~/.local/state`: what the program remembers.
  package let state: String?

  /// The folders that an environment names.
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
  /// The folder with people's own themes.
  package var themes: String? { configuration.map { "\($0)/themes" } }
  /// The file with where people were.
  package var sessionFile: String? { state.map { "\($0)/session.json" } }
}
