/// The actions of the program itself.
public enum ProgramAction: FeatureAction {
  case toggleHelp, searchHelp
  /// Open the list of lessons, or leave the open lesson.
  case toggleLessons
  case openPalette
  /// Release the mouse to the terminal for selecting text, or capture it again.
  case toggleMouse
  /// Close the top layer; if none is open, stop what is running.
  case dismiss
  case suspend, quit
  /// Draw the whole screen again, after something else wrote on it.
  case redraw

  package static let chapter = KeyBinding.Chapter.program
  package var action: Action { .program(self) }

  package var row: KeyRow {
    switch self {
    case .toggleHelp:
      KeyRow(.character("?"), name: "toggle-help", label: "help", help: "open and close this help", rank: 1)
    case .searchHelp:
      KeyRow(
        .character("/"), name: "search-help", label: "search", help: "search help for a key or a word", yields: true)
    case .toggleLessons:
      KeyRow(
        .character("L"), name: "lessons", label: "lessons", help: "open the lessons, or leave the one that is open",
        rank: 20)
    case .openPalette:
      KeyRow(
        .character(":"), name: "command-palette", label: "commands", help: "type a command: any action or setting",
        rank: 19)
    case .toggleMouse:
      KeyRow(
        .character("M"), name: "toggle-mouse", label: "mouse", help: "let go of the mouse, to select text with it")
    case .dismiss: KeyRow(.escape, name: "close", label: "close", help: "close what is open, or stop what runs")
    case .suspend: KeyRow(.control("z"), name: "suspend", label: "suspend", help: "suspend; fg comes back")
    case .redraw:
      KeyRow(.control("l"), name: "redraw-screen", label: "redraw", help: "draw the screen again", yields: true)
    case .quit: KeyRow(.character("q"), name: "quit", label: "quit", help: "quit; so does Ctrl-C", rank: 0)
    }
  }
}
