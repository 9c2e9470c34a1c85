import DiffusionCore

/// The part of the palette's grammar that makes sense without a screen.
package struct PlainGrammar {
  private let context: CommandContext

  /// Creates the grammar for a state.
  package init(_ state: State) { context = CommandContext(state) }

  /// Parses a line into a request.
  ///
  /// - Throws: `DiffusionError` (`usage`): one line that says what was expected.
  package func request(_ name: String, _ value: String) throws -> CommandRequest {
    let request = try CommandParser(context).parse("\(name) \(value)")
    switch request {
    case .action(.run(.edit(let setting))):
      throw DiffusionError(.usage, "\(name) needs a value: \(CommandVerb.setting(setting).hint(in: context))")
    case .action(let action) where Self.isPlain(action): return request
    case .move, .go, .set, .view: return request
    case .export(let kind, _) where kind != .svg && kind != .ansi: return request
    case .export, .action, .renderer, .theme, .speed, .mouse, .gallery, .lesson:
      throw DiffusionError(.usage, "\(name) needs the explorer's screen: help lists what does not")
    }
  }

  /// Every command, one per line.
  package var help: [String] {
    let words = PlainWord.allCases.map { "\($0.rawValue): \($0.help)." }
    let actions = context.keyMap.bindings.filter { Self.isPlain($0.action) }.map { binding in
      let isCommand = !binding.label.isEmpty && !binding.label.contains(" ") && binding.label != binding.name
      let short = !isCommand ? "" : " or \(binding.label)"
      return "\(binding.name)\(short): \(binding.help)."
    }
    let verbs = CommandVerb.all.filter(Self.isPlain).map { verb in
      "\(verb.name) and a value: \(verb.help); \(verb.hint(in: context))."
    }
    return words + actions + verbs
  }

  private static func isPlain(_ action: Action) -> Bool {
    switch action {
    case .playback(let action): ![.slower, .faster, .toggleLoop].contains(action)
    case .run(let action): [.restart, .randomSeed, .undo, .redo].contains(action)
    case .display(let action): action == .cycleView
    case .keep(let action): action == .copyCommandLine
    case .program(let action): action == .quit
    case .compare, .gallery, .inspect, .lesson: false
    case .key, .mouse, .paste, .resize, .hangUp: false
    case .runStarted, .modelOpening, .progress, .stepCompleted, .runFailed, .seedDrawn, .galleryAdvanced, .sweepFound,
      .noisePreviewed, .exportEnded, .commandLine, .decoded, .decodingFailed, .attended, .attentionFailed,
      .devicesListed, .tick:
      false
    }
  }

  private static func isPlain(_ verb: CommandVerb) -> Bool {
    switch verb {
    case .step, .back, .go, .setting, .view, .export: true
    case .renderer, .theme, .speed, .mouse, .gallery, .lesson: false
    }
  }
}

/// The queries of plain mode, which change nothing.
package enum PlainWord: String, Sendable, CaseIterable {
  case status, stats, hash, show, settings, schedule, help

  /// The help text: what it answers.
  package var help: String {
    switch self {
    case .status: "which step this is, and its timestep"
    case .stats: "the statistics of what is viewed, in words"
    case .hash: "the SHA-256 of what is viewed"
    case .show: "what is viewed as a picture of characters"
    case .settings: "every setting of the run"
    case .schedule: "the timestep of every step"
    case .help: "this list"
    }
  }
}
