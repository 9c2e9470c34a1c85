/// The actions that save a run.
public enum KeepAction: FeatureAction {
  /// Open the menu of files that can be written.
  case openExports
  /// Show the command line of the focused run, and copy it to the clipboard.
  case copyCommandLine

  package static let chapter = KeyBinding.Chapter.keep
  package var action: Action { .keep(self) }

  package var row: KeyRow {
    switch self {
    case .openExports:
      KeyRow(
        .character("x"), name: "open-exports", label: "export",
        help: "write a receipt, pictures, a handout, numbers, the screen", rank: 12)
    case .copyCommandLine:
      KeyRow(
        .character("y"), name: "copy-command", label: "copy", help: "show the command line of this run; copy it",
        rank: 18)
    }
  }
}

extension State {
  mutating func act(_ action: KeepAction) -> [Effect] {
    switch action {
    case .openExports: open(.exports(ExportMenu()))
    case .copyCommandLine: return [.copyCommandLine(isInGallery ? kept : pane.latestRequest)]
    }
    return []
  }
}
