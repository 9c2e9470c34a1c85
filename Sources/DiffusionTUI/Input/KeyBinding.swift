/// One row of the ``KeyMap``: keys, what they ask for, and what the footer and help say of them.
package struct KeyBinding: Sendable, Equatable {
  /// A chapter of help.
  package enum Group: String, Sendable, CaseIterable {
    case steps = "Steps"
    case run = "Run"
    case compare = "Compare"
    case see = "See more"
    case display = "Display"
    case keep = "Keep"
    case program = "Program"
  }

  /// The keys, any of which will do; none where they were taken away.
  package var keys: [Key]
  /// What the palette and config.toml call the action: words in small letters, joined by hyphens.
  package let name: String
  /// What they ask for.
  package let action: Action
  /// The word in the footer.
  package let label: String
  /// The line in help.
  package let help: String
  /// The chapter of help.
  package let group: Group
  /// When the footer gives it up for lack of room: the highest first; nil keeps it out of the footer.
  package let footerRank: Int?

  /// The keys as help names them.
  package var keyLabel: String { Key.label(of: keys) }

  /// The first key in as few columns as can be, for the footer: an arrow, or the letter beside it where there are no arrows.
  package func shortKeyLabel(unicode: Bool) -> String {
    guard let first = keys.first else { return "" }
    guard let arrow = first.arrow else { return first.label }
    if unicode { return String(arrow) }
    return keys.first { $0.arrow == nil }?.label ?? first.label
  }
}
