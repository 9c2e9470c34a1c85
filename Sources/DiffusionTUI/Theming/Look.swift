/// What views draw with: a theme on a terminal that can show so much and no more.
package struct Look: Sendable {
  /// The theme.
  package let theme: Theme
  /// What the terminal can show.
  package let capabilities: TerminalCapabilities

  /// Without colours a theme is reduced to attributes.
  package init(theme: Theme, capabilities: TerminalCapabilities) {
    self.theme = capabilities.colorTier == .mono ? .plain : theme
    self.capabilities = capabilities
  }

  /// How a role looks.
  package subscript(_ role: ThemeRole) -> Style { theme.style(role) }

  /// A role's look with attributes added.
  package func style(_ role: ThemeRole, adding attributes: Style.Attributes) -> Style {
    var style = theme.style(role)
    style.attributes.formUnion(attributes)
    return style
  }

  /// A glyph, or what stands for it in ASCII.
  package func glyph(_ unicode: Character, _ ascii: Character) -> Character {
    capabilities.unicode ? unicode : ascii
  }
}
