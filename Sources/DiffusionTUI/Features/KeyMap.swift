import DiffusionCore

/// One row of the ``KeyMap``: keys, their action, and its text in the footer and help.
package struct KeyBinding: Sendable, Equatable {
  /// A section of help.
  package enum Chapter: String, Sendable, CaseIterable {
    case steps = "Steps"
    case run = "Run"
    case compare = "Compare"
    case see = "See more"
    case display = "Display"
    case keep = "Keep"
    case program = "Program"
  }

  /// The keys, any of which triggers the action; empty if it is unbound.
  package var keys: [Key]
  /// The action that the keys trigger.
  package let action: Action
  /// The help section.
  package let chapter: Chapter
  private let row: KeyRow

  /// Creates the row of a feature's action, with the default keys.
  init(_ action: some FeatureAction) {
    row = action.row
    (keys, self.action, chapter) = (row.keys, action.action, type(of: action).chapter)
  }

  /// The name in the palette and config.toml: lowercase words joined by hyphens.
  package var name: String { row.name }
  /// The label in the footer.
  package var label: String { row.label }
  /// The line in help.
  package var help: String { row.help }
  /// The order in which the footer drops it when space runs out, highest first; nil keeps it out of the footer.
  package var footerRank: Int? { row.rank }

  /// Whether a configuration may give its keys to another action without naming this one.
  var yieldsKeys: Bool { row.yields }

  /// The keys as help names them.
  package var keyLabel: String { Key.label(of: keys) }

  /// The first key in as few columns as possible, for the footer: an arrow, or the equivalent letter where arrows
  /// cannot be shown.
  package func shortKeyLabel(unicode: Bool) -> String {
    guard let first = keys.first else { return "" }
    guard let arrow = first.arrow else { return first.label }
    if unicode { return String(arrow) }
    return keys.first { $0.arrow == nil }?.label ?? first.label
  }
}

/// The table of keys, used by dispatch, the footer, help and the palette.
package struct KeyMap: Sendable, Equatable {
  /// The rows, in the order of help.
  package private(set) var bindings: [KeyBinding]

  /// The action of a key.
  package func action(for key: Key) -> Action? { bindings.first { $0.keys.contains(key) }?.action }

  /// The row of the action with a name.
  package func binding(named name: String) -> KeyBinding? { bindings.first { $0.name == name } }

  /// The keys of an action, as help names them; nil if it has no row.
  package func keyLabel(of action: Action) -> String? { bindings.first { $0.action == action }?.keyLabel }

  /// The lines of a help section, with the names of their actions in words. Rows with the same help text share a line.
  package func helpLines(of chapter: KeyBinding.Chapter) -> [(keyLabel: String, help: String, names: String)] {
    var lines: [(keys: [Key], help: String, names: String)] = []
    for binding in bindings where binding.chapter == chapter {
      if let last = lines.last, last.help == binding.help {
        lines[lines.count - 1].keys += binding.keys
        lines[lines.count - 1].names += " " + binding.name.replacing("-", with: " ")
      } else {
        lines.append((binding.keys, binding.help, binding.name.replacing("-", with: " ")))
      }
    }
    return lines.map { (Key.label(of: $0.keys), $0.help, $0.names) }
  }

  /// Replaces the keys of a row.
  package mutating func setKeys(_ keys: [Key], of name: String) {
    for index in bindings.indices where bindings[index].name == name { bindings[index].keys = keys }
  }

  /// The default keys. Help lists the gallery next to adding runs.
  package static let standard = KeyMap(
    bindings: [
      PlaybackAction.bindings, RunAction.bindings, Array(CompareAction.bindings.prefix(2)), GalleryAction.bindings,
      Array(CompareAction.bindings.dropFirst(2)), InspectAction.bindings, DisplayAction.bindings, KeepAction.bindings,
      ProgramAction.bindings, LessonAction.bindings,
    ].flatMap { $0 })
}
