/// One row of the ``KeyMap``: keys, what they ask for, and what the footer and help say of them.
package struct KeyBinding: Sendable, Equatable {
  /// A chapter of help.
  package enum Group: String, Sendable, CaseIterable {
    case steps = "Steps"
    case run = "Run"
    case compare = "Compare"
    case display = "Display"
    case program = "Program"
  }

  /// The keys, any of which will do.
  package let keys: [Key]
  /// What they ask for.
  package let action: Action
  /// The keys as people read them; empty where the row before says it for this one too.
  package let keyLabel: String
  /// The word in the footer.
  package let label: String
  /// The line in help.
  package let help: String
  /// The chapter of help.
  package let group: Group
  /// When the footer gives it up for lack of room: the highest first; nil keeps it out of the footer.
  package let footerRank: Int?
}
