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
