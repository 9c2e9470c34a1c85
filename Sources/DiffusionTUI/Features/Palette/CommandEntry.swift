import DiffusionCore

/// A line of the palette's list.
package struct CommandEntry: Sendable, Equatable {
  /// The text that completes to it.
  package let text: String
  /// The label in the footer, which also matches.
  package let label: String
  /// Its help text, or the current value.
  package let help: String
  /// Its keys.
  package let keyLabel: String
  /// The request it makes; nil for a verb that needs a value.
  package let request: CommandRequest?

  /// Creates an entry for an action of the key table.
  package init(_ binding: KeyBinding) {
    text = binding.name
    label = binding.label
    help = binding.help
    keyLabel = binding.keys.isEmpty ? "" : binding.keyLabel
    request = .action(binding.action)
  }

  /// Creates an entry for a verb, with its current value.
  package init(_ verb: CommandVerb, in context: CommandContext) {
    text = verb.name
    label = verb.name
    help = verb.value(in: context).map { "\(verb.help); now \($0)" } ?? verb.help
    keyLabel = ""
    request = nil
  }

  /// Creates an entry for a verb's value; nil if it cannot be set. A device that cannot be used says why.
  package init?(_ verb: CommandVerb, value: String, in context: CommandContext) {
    let isCurrent = verb.value(in: context) == value
    if verb == .setting(.device), let device = context.devices[value] {
      // It is not tried: that would ask its driver again.
      (text, label, keyLabel, request) = ("\(verb.name) \(value)", value, "", .set(.device, value))
      help = isCurrent ? "as it is now: \(device.note)" : device.note
      return
    }
    guard let request = try? verb.request(value, in: context) else { return nil }
    text = "\(verb.name) \(value)"
    label = value
    help = isCurrent ? "as it is now" : verb.reservation(about: value, in: context) ?? ""
    keyLabel = ""
    self.request = request
  }

  /// The entries of all actions and verbs.
  package static func all(in context: CommandContext) -> [CommandEntry] {
    context.keyMap.bindings.map { CommandEntry($0) } + CommandVerb.all.map { CommandEntry($0, in: context) }
  }

  /// How well a query matches: 0 is best, nil is no match. The whole name is best, also where it begins another one.
  /// Otherwise every word must match the name (its beginning, the beginning of one of its words, or a subsequence of
  /// its letters), the footer label, a key, or the help.
  package func rank(_ query: String) -> Int? {
    if text.lowercased() == query.lowercased() { return 0 }
    var worst = 0
    // A word that occurs again changes nothing, and a pasted text may have hundreds.
    for word in Set(query.split(separator: " ")) {
      guard let rank = rank(ofWord: String(word)) else { return nil }
      worst = max(worst, rank)
    }
    return worst
  }

  private func rank(ofWord word: String) -> Int? {
    let lowered = word.lowercased()
    if text == lowered { return 0 }
    if keyLabel.split(separator: " ").contains(Substring(word)) { return 1 }
    if text.hasPrefix(lowered) { return 2 }
    if label.hasPrefix(lowered) { return 3 }
    if text.split(whereSeparator: { "- :".contains($0) }).contains(where: { $0.hasPrefix(lowered) }) { return 4 }
    if Self.isSubsequence(lowered, of: text) { return 5 }
    return help.lowercased().contains(lowered) ? 6 : nil
  }

  private static func isSubsequence(_ letters: String, of text: String) -> Bool {
    var rest = text[...]
    for letter in letters {
      guard let index = rest.firstIndex(of: letter) else { return false }
      rest = rest[rest.index(after: index)...]
    }
    return true
  }
}
