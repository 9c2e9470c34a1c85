/// What views draw with: a theme, reduced to what the terminal can show.
package struct Look: Sendable {
  /// The theme.
  package let theme: Theme
  /// The capabilities of the terminal.
  package let capabilities: TerminalCapabilities

  /// Whether all text is bold and nothing is dim, for a projector.
  private let isLoud: Bool

  /// Creates a look. Without colours a theme is reduced to attributes.
  package init(theme: Theme, capabilities: TerminalCapabilities, isLoud: Bool = false) {
    self.isLoud = isLoud
    self.theme = capabilities.colorTier == .mono ? .plain : theme
    self.capabilities = capabilities
  }

  /// The style of a role.
  package subscript(_ role: ThemeRole) -> Style {
    guard isLoud, ThemeRole.readable.contains(role) || role == .barText else { return theme.style(role) }
    var style = theme.style(role == .dim ? .text : role)
    style.attributes.insert(.bold)
    return style
  }

  /// The style of a role with attributes added.
  package func style(_ role: ThemeRole, adding attributes: Style.Attributes) -> Style {
    var style = self[role]
    style.attributes.formUnion(attributes)
    return style
  }

  /// A glyph, or its ASCII substitute.
  package func glyph(_ unicode: Character, _ ascii: Character) -> Character {
    capabilities.unicode ? unicode : ascii
  }
}
