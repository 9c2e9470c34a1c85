/// What views draw with: a theme on a terminal that can show so much and no more.
package struct Look: Sendable {
  /// The theme.
  package let theme: Theme
  /// What the terminal can show.
  package let capabilities: TerminalCapabilities

  /// Whether all text is bold and nothing stands back: for a projector.
  private let isLoud: Bool

  /// Without colours a theme is reduced to attributes.
  package init(theme: Theme, capabilities: TerminalCapabilities, isLoud: Bool = false) {
    self.isLoud = isLoud
    self.theme = capabilities.colorTier == .mono ? .plain : theme
    self.capabilities = capabilities
  }

  /// How a role looks.
  package subscript(_ role: ThemeRole) -> Style {
    guard isLoud, ThemeRole.readable.contains(role) || role == .barText else { return theme.style(role) }
    var style = theme.style(role == .dim ? .text : role)
    style.attributes.insert(.bold)
    return style
  }

  /// A role's look with attributes added.
  package func style(_ role: ThemeRole, adding attributes: Style.Attributes) -> Style {
    var style = self[role]
    style.attributes.formUnion(attributes)
    return style
  }

  /// A glyph, or what stands for it in ASCII.
  package func glyph(_ unicode: Character, _ ascii: Character) -> Character {
    capabilities.unicode ? unicode : ascii
  }
}
