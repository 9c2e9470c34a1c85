/// What a colour is for. A theme gives each its colour, under this name.
public enum ThemeRole: String, Sendable, CaseIterable {
  /// Behind everything.
  case background
  /// What is read: values, the active word.
  case text
  /// What stands back: labels, hints.
  case dim
  /// Where the eye should go: the cursor, the chosen view, keys.
  case accent
  /// All is well: a finished run.
  case good
  /// Worth a look: clipping.
  case warning
  /// Something is wrong: NaN, an error.
  case alarm
  /// Thin lines and what is still to come.
  case rule
  /// Bars of graphs.
  case graph
  /// Bars that stand back.
  case graphDim = "graph_dim"
  /// Behind the status line.
  case bar
  /// On the status line.
  case barText = "bar_text"

  /// Roles that are read as text on the background, and so need contrast.
  package static let readable: [ThemeRole] = [.text, .dim, .accent, .good, .warning, .alarm]
}
