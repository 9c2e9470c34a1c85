/// Colours and attributes by role.
public struct Theme: Sendable, Hashable {
  /// How a role looks.
  public struct RoleStyle: Sendable, Hashable {
    /// Its colour; nil is the terminal's own.
    public var color: RGB?
    /// What is added.
    public var attributes: Style.Attributes

    /// Describes how a role looks.
    public init(color: RGB? = nil, attributes: Style.Attributes = []) {
      self.color = color
      self.attributes = attributes
    }
  }

  /// The name that `--theme` takes.
  public let name: String
  /// How each role looks; the terminal's own colours where a role is missing.
  public let roles: [ThemeRole: RoleStyle]

  /// Makes a theme.
  public init(name: String, roles: [ThemeRole: RoleStyle]) {
    self.name = name
    self.roles = roles
  }

  /// The terminal's own colours, with attributes only: what is left where there are no colours.
  public static let plain = Theme(
    name: "plain",
    roles: [
      .accent: RoleStyle(attributes: .bold), .dim: RoleStyle(attributes: .dim), .warning: RoleStyle(attributes: .bold),
      .alarm: RoleStyle(attributes: [.bold, .reverse]), .rule: RoleStyle(attributes: .dim),
      .graphDim: RoleStyle(attributes: .dim), .barText: RoleStyle(attributes: .reverse),
    ])

  /// How text of a role looks; the status line's text stands on its bar.
  public func style(_ role: ThemeRole) -> Style {
    let own = roles[role] ?? RoleStyle()
    let behind = roles[role == .barText ? .bar : .background]?.color
    return Style(foreground: own.color, background: behind, attributes: own.attributes)
  }
}

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
