import DiffusionCore
import DiffusionTUI

/// The setup of a screen before its first run, from options, config.toml and themes. Options take precedence.
struct ExplorerSetup {
  /// The appearance.
  let appearance: Appearance
  private let request: ExploreRequest
  private let configuration: Configuration
  private let library: ThemeLibrary

  /// Reads the user's files.
  ///
  /// - Throws: ``DiffusionError``: `badData` for config.toml, which names the file and the line or the key; `usage` for
  ///   `--theme`.
  init(request: ExploreRequest, folders: UserFolders, files: FileSystem) throws {
    configuration = try ConfigurationFile.load(folders, files: files)
    library = UserThemes.library(folders, files: files)
    appearance = request.appearance.over(configuration.appearance)
    self.request = request
    if let name = request.appearance.theme {
      _ = try library.theme(named: name)
    } else if let name = configuration.appearance.theme {
      do {
        _ = try library.theme(named: name)
      } catch {
        throw DiffusionError(.badData, "\(folders.configurationFile ?? "config.toml"): explorer.theme: \(error)")
      }
    }
  }

  /// The state before the first run.
  func state(size: Size, capabilities: TerminalCapabilities) -> State {
    var state = State(
      size: size, capabilities: capabilities, run: request.run,
      others: request.others, themes: library.themes, themeName: appearance.theme,
      renderer: appearance.renderer ?? .halfBlock, notice: library.notices.first)
    state.keyMap = configuration.keyMap
    state.playback.speed = configuration.speed ?? state.playback.speed
    state.pointer.isCaptured = configuration.capturesMouse
    if let path = request.receipt { state.keepReceipt(at: path) }
    if appearance.isPresenter { state.present() }
    return state
  }
}
