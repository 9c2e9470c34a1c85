import DiffusionCore

/// The command palette: a line to type a command in, with a list of matches. Pure: it returns the requested command and
/// changes nothing else.
package struct CommandPalette: Sendable, Equatable {
  /// The outcome of a key press.
  package enum Outcome: Sendable, Equatable {
    case open, closed
    case run(CommandRequest)
  }

  /// The text typed so far.
  package private(set) var query = ""
  /// The index of the selected line of the list.
  package private(set) var selection = 0
  /// Why the command was rejected, in one line.
  package private(set) var error: String?

  private static let longestQuery = 1024
  /// The longest query with a list of prompts, in Unicode scalars.
  private static let longestList = 1 << 20
  private static let pageLines = 8

  /// Creates a palette, empty unless it starts with a query.
  package init(query: String = "") { self.query = query }

  /// The verb whose value is being typed, and the value so far; nil while the first word is being typed.
  private var verbAndValue: (verb: CommandVerb, value: String)? {
    let (name, value) = CommandParser.split(query)
    guard query.drop(while: { $0 == " " }).contains(" "), let verb = CommandVerb(named: name) else { return nil }
    return (verb, value)
  }

  /// The verb whose value is being typed; nil while the first word is.
  package var verb: CommandVerb? { verbAndValue?.verb }

  /// Whether the value being typed may be a list of prompts.
  package var listsPrompts: Bool { verbAndValue?.verb == .gallery }

  /// The matching commands, best first; once a verb has been typed, its values.
  package func matches(in context: CommandContext) -> [CommandEntry] {
    if let (verb, value) = verbAndValue {
      let entries = verb.choices(in: context).compactMap { CommandEntry(verb, value: $0, in: context) }
      return Self.ranked(entries.filter { Self.fits($0, value) }, query: query)
    }
    return Self.ranked(CommandEntry.all(in: context), query: query)
  }

  /// What may be typed next, where the list does not show it.
  package func hint(in context: CommandContext) -> String? {
    guard let (verb, _) = verbAndValue else { return nil }
    return "\(verb.name): \(verb.hint(in: context))"
  }

  /// Handles a key press. The caller handles Ctrl-C and Ctrl-Z.
  ///
  /// - Parameters:
  ///   - key: The key.
  ///   - context: Evaluated only for keys that need the matching commands. Ranking them takes time, and typing does
  ///     not wait for it: the screen ranks them once, when it is drawn.
  package mutating func press(_ key: Key, in context: @autoclosure () -> CommandContext) -> Outcome {
    switch key {
    case .escape: return .closed
    case .enter: return enter(context())
    case .tab: if let chosen = chosen(context()) { complete(chosen) }
    case .backspace where query.isEmpty: return .closed
    case .backspace: type(String(query.dropLast()))
    case .delete, .control("u"): type("")
    case .character(let character): insert(String(character))
    case .up, .down, .backTab, .pageUp, .pageDown, .home, .end: move(key, in: matches(in: context()).count)
    default: break
    }
    return .open
  }

  /// Appends text, which may be long, to the query.
  package mutating func insert(_ text: String) { type(query + text) }

  private mutating func type(_ text: String) {
    // A list is kept whole or not taken: a part of it would be other prompts.
    let isList = CommandPalette(query: text).listsPrompts
    if isList, text.unicodeScalars.count > Self.longestList {
      return error = "too long: expected at most \(Self.longestList) characters"
    }
    query = isList ? text : text.prefix(scalars: Self.longestQuery)
    selection = 0
    let left = isList ? 0 : text.unicodeScalars.count - Self.longestQuery
    error = left > 0 ? "the last \(left) characters are left out: a command has at most \(Self.longestQuery)" : nil
  }

  private mutating func move(_ key: Key, in count: Int) {
    switch key {
    case .up, .backTab: select(selection - 1, of: count)
    case .down: select(selection + 1, of: count)
    case .pageUp: select(max(0, selection - Self.pageLines), of: count)
    case .pageDown: select(min(count - 1, selection + Self.pageLines), of: count)
    case .home: select(0, of: count)
    default: select(count - 1, of: count)
    }
  }

  /// Selects a line, wrapping around at both ends.
  private mutating func select(_ line: Int, of count: Int) {
    error = nil
    selection = count > 0 ? (line + count) % count : 0
  }

  /// Replaces the query with a line.
  private mutating func complete(_ chosen: CommandEntry) {
    type(chosen.text + (chosen.request == nil ? " " : ""))
  }

  /// Whether the query is a path, which is taken literally even if it is part of a longer one in the list.
  private var isPath: Bool {
    guard let (verb, value) = verbAndValue, verb == .setting(.model), selection == 0 else { return false }
    return value.contains("/")
  }

  /// Runs the selected line, or the query if the list is empty.
  private mutating func enter(_ context: CommandContext) -> Outcome {
    guard !isPath, let chosen = chosen(context) else {
      do {
        return .run(try CommandParser(context).parse(query))
      } catch {
        self.error = String(describing: error)
        return .open
      }
    }
    if let request = chosen.request { return .run(request) }
    complete(chosen)
    return .open
  }

  private func chosen(_ context: CommandContext) -> CommandEntry? {
    let matches = matches(in: context)
    return matches.indices.contains(selection) ? matches[selection] : nil
  }

  private static func fits(_ entry: CommandEntry, _ value: String) -> Bool {
    value.isEmpty || entry.label.lowercased().contains(value.lowercased())
  }

  /// Sorts entries by rank, keeping the order of equal ones.
  private static func ranked(_ entries: [CommandEntry], query: String) -> [CommandEntry] {
    let ranks = entries.enumerated().compactMap { index, entry in entry.rank(query).map { ($0, index, entry) } }
    return ranks.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map(\.2)
  }
}
