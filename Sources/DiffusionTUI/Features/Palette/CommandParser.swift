import DiffusionCore

/// The request of a line typed in the palette or read by `--plain`.
package enum CommandRequest: Sendable, Equatable {
  /// An action that a key could trigger.
  case action(Action)
  /// Move some steps forward, or back if negative.
  case move(by: Int)
  /// Go to the position with that many completed steps.
  case go(to: Int)
  /// Restart with another value of a setting; the text has been validated.
  case set(Setting, String)
  case view(TensorView)
  case renderer(ImageRendererKind)
  /// Switch to the theme with a name.
  case theme(String)
  case speed(PlaybackSpeed)
  /// Show the final images of some seeds or prompts.
  case gallery(GalleryEntries)
  /// Begin the lesson with a name.
  case lesson(String)
  /// Write a file, with a proposed name if none is given.
  case export(ExportKind, String?)
  /// Capture the mouse, or release it.
  case mouse(Bool)
}

/// A parser of commands: an action's name, its footer label or its key; or a verb and its value.
package struct CommandParser: Sendable {
  private let context: CommandContext

  /// Creates a parser for a context.
  package init(_ context: CommandContext) { self.context = context }

  /// Parses a line.
  ///
  /// - Throws: `DiffusionError` (`usage`): one line that says what was expected.
  package func parse(_ line: String) throws -> CommandRequest {
    let (name, value) = Self.split(line)
    guard !name.isEmpty else { throw DiffusionError(.usage, "there is no command: expected one such as step") }
    guard value.isEmpty else {
      if let verb = CommandVerb(named: name) { return try verb.request(value, in: context) }
      if binding(name) != nil { throw DiffusionError(.usage, "\(name) takes no value: found '\(value)'") }
      throw unknown(name)
    }
    if let binding = binding(name) { return .action(binding.action) }
    if let verb = CommandVerb(named: name) {
      throw DiffusionError(.usage, "\(name) needs a value: \(verb.hint(in: context))")
    }
    throw unknown(name)
  }

  /// Splits a line into its first word and the rest, without surrounding spaces.
  package static func split(_ line: String) -> (name: String, value: String) {
    let words = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: true)
    guard let name = words.first else { return ("", "") }
    let rest = words.dropFirst().first.map { $0.split(separator: " ").joined(separator: " ") } ?? ""
    return (String(name), rest)
  }

  private func binding(_ name: String) -> KeyBinding? {
    let bindings = context.keyMap.bindings
    return bindings.first { $0.name == name } ?? bindings.first { $0.label == name }
      ?? bindings.first { $0.keys.contains { $0.name == name } }
  }

  private func unknown(_ name: String) -> DiffusionError {
    let names = context.keyMap.bindings.flatMap { [$0.name, $0.label] } + CommandVerb.all.map(\.name)
    let near =
      NearestName.of(name, among: names).map { "did you mean \($0)?" } ?? "expected one such as step or seed 42"
    return DiffusionError(.usage, "there is no command '\(name)': \(near)")
  }
}
