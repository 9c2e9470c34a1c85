import DiffusionCore

/// What a line of the palette, or of `--plain`, asks for.
package enum CommandRequest: Sendable, Equatable {
  /// What a key would ask for.
  case action(Action)
  /// Go so many steps forward, or back if negative.
  case move(by: Int)
  /// Go to where so many steps are done.
  case go(to: Int)
  /// Start again with another setting; the text was checked.
  case set(Setting, String)
  case view(TensorView)
  case renderer(ImageRendererKind)
  /// A theme, by its name.
  case theme(String)
  case speed(PlaybackSpeed)
  /// The final images of some seeds.
  case gallery(SeedRange)
  /// Begin a lesson, by its name.
  case lesson(String)
  /// Write a file, under a name that is proposed if there is none.
  case export(ExportKind, String?)
  /// Capture the mouse, or let go of it.
  case mouse(Bool)
}

/// Reads one line: an action's name, its word in the footer or its key; or a verb and its value.
package struct CommandParser: Sendable {
  private let context: CommandContext

  /// Reads lines against what there is.
  package init(_ context: CommandContext) { self.context = context }

  /// What a line asks for.
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

  /// The first word, and the rest without the spaces around it.
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
