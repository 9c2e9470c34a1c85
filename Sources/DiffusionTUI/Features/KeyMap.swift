import DiffusionCore

/// One row of the ``KeyMap``: keys, what they ask for, and what the footer and help say of them.
package struct KeyBinding: Sendable, Equatable {
  /// A chapter of help.
  package enum Chapter: String, Sendable, CaseIterable {
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
  /// What the keys ask for.
  package let action: Action
  /// The chapter of help.
  package let chapter: Chapter
  private let row: KeyRow

  /// The row of a feature's action, with the keys as they come.
  init(_ action: some FeatureAction) {
    row = action.row
    (keys, self.action, chapter) = (row.keys, action.action, type(of: action).chapter)
  }

  /// What the palette and config.toml call the action: words in small letters, joined by hyphens.
  package var name: String { row.name }
  /// The word in the footer.
  package var label: String { row.label }
  /// The line in help.
  package var help: String { row.help }
  /// When the footer gives it up for lack of room: the highest first; nil keeps it out of the footer.
  package var footerRank: Int? { row.rank }

  /// The keys as help names them.
  package var keyLabel: String { Key.label(of: keys) }

  /// The first key in as few columns as can be, for the footer: an arrow, or the letter beside it where there are no
  /// arrows.
  package func shortKeyLabel(unicode: Bool) -> String {
    guard let first = keys.first else { return "" }
    guard let arrow = first.arrow else { return first.label }
    if unicode { return String(arrow) }
    return keys.first { $0.arrow == nil }?.label ?? first.label
  }
}

/// The one table of keys. It feeds dispatch, the footer, help and the palette.
package struct KeyMap: Sendable, Equatable {
  /// The rows, in the order of help.
  package private(set) var bindings: [KeyBinding]

  /// What a key asks for.
  package func action(for key: Key) -> Action? { bindings.first { $0.keys.contains(key) }?.action }

  /// The row of an action's name.
  package func binding(named name: String) -> KeyBinding? { bindings.first { $0.name == name } }

  /// The keys of an action, as help names them; nil for one that is in no row.
  package func keyLabel(of action: Action) -> String? { bindings.first { $0.action == action }?.keyLabel }

  /// The lines of a chapter of help: rows that do the same in help's words are one.
  package func helpLines(of chapter: KeyBinding.Chapter) -> [(keyLabel: String, help: String)] {
    var lines: [(keys: [Key], help: String)] = []
    for binding in bindings where binding.chapter == chapter {
      if let last = lines.last, last.help == binding.help {
        lines[lines.count - 1].keys += binding.keys
      } else {
        lines.append((binding.keys, binding.help))
      }
    }
    return lines.map { (Key.label(of: $0.keys), $0.help) }
  }

  /// Gives a row other keys.
  package mutating func setKeys(_ keys: [Key], of name: String) {
    for index in bindings.indices where bindings[index].name == name { bindings[index].keys = keys }
  }

  /// The keys as they come. The gallery stands in help where runs are added.
  package static let standard = KeyMap(
    bindings: [
      PlaybackAction.bindings, RunAction.bindings, Array(CompareAction.bindings.prefix(2)), GalleryAction.bindings,
      Array(CompareAction.bindings.dropFirst(2)), InspectAction.bindings, DisplayAction.bindings, KeepAction.bindings,
      ProgramAction.bindings,
    ].flatMap { $0 })
}
