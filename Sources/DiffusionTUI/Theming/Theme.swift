/// Colours and attributes by role.
public struct Theme: Sendable, Hashable {
  /// The style of a role.
  public struct RoleStyle: Sendable, Hashable {
    /// The colour; nil is the terminal's default.
    public var color: RGB?
    /// The text attributes.
    public var attributes: Style.Attributes

    /// Creates the style of a role.
    public init(color: RGB? = nil, attributes: Style.Attributes = []) {
      self.color = color
      self.attributes = attributes
    }
  }

  /// The name that `--theme` takes.
  public let name: String
  /// The style of each role; a missing role has the terminal's default colours.
  public let roles: [ThemeRole: RoleStyle]

  /// Creates a theme.
  public init(name: String, roles: [ThemeRole: RoleStyle]) {
    self.name = name
    self.roles = roles
  }

  /// The terminal's default colours with attributes only, for terminals without colours.
  public static let plain = Theme(
    name: "plain",
    roles: [
      .accent: RoleStyle(attributes: .bold), .dim: RoleStyle(attributes: .dim), .warning: RoleStyle(attributes: .bold),
      .alarm: RoleStyle(attributes: [.bold, .reverse]), .rule: RoleStyle(attributes: .dim),
      .graphDim: RoleStyle(attributes: .dim), .barText: RoleStyle(attributes: .reverse),
    ])

  /// The style of a role's text; the status line's text has the bar as its background.
  public func style(_ role: ThemeRole) -> Style {
    let own = roles[role] ?? RoleStyle()
    let behind = roles[role == .barText ? .bar : .background]?.color
    return Style(foreground: own.color, background: behind, attributes: own.attributes)
  }
}

/// The purpose of a colour. A theme assigns each role its colour under this name.
public enum ThemeRole: String, Sendable, CaseIterable {
  /// The background of the whole screen.
  case background
  /// Main text: values, the active word.
  case text
  /// Secondary text: labels, hints.
  case dim
  /// Emphasis: the cursor, the chosen view, keys.
  case accent
  /// Success: a finished run.
  case good
  /// A warning: clipping.
  case warning
  /// An alarm: NaN, an error.
  case alarm
  /// Thin lines, and steps still to come.
  case rule
  /// Bars of graphs.
  case graph
  /// Secondary bars of graphs.
  case graphDim = "graph_dim"
  /// The background of the status line.
  case bar
  /// Text on the status line.
  case barText = "bar_text"

  /// The roles used for text on the background, which therefore need contrast.
  package static let readable: [ThemeRole] = [.text, .dim, .accent, .good, .warning, .alarm]
}
