import DiffusionCore

extension CommandVerb {
  /// The request for a value.
  ///
  /// - Throws: `DiffusionError` (`usage`) that names the verb and says what was expected.
  package func request(_ value: String, in context: CommandContext) throws -> CommandRequest {
    switch self {
    case .step: return .move(by: try count(value, from: 1, in: context))
    case .back: return .move(by: -(try count(value, from: 1, in: context)))
    case .go: return .go(to: try count(value, from: 0, in: context))
    case .setting(let setting):
      var request = context.request
      if setting == .device { try context.devices.requireAnswer(about: value) }
      try setting.type(value, into: &request, limits: context.limits)
      return .set(setting, value)
    case .renderer: return .renderer(try ImageRendererKind(parsing: value))
    case .view: return .view(try choice(TensorView.allCases.first { $0.shortLabel == value }, value, context))
    case .theme: return .theme(try choice(context.themeNames.first { $0 == value }, value, context))
    case .speed: return .speed(try choice(PlaybackSpeed(named: value), value, context))
    case .gallery: return .gallery(try GalleryEntries(parsing: value))
    case .lesson: return .lesson(try choice(context.lessonNames.first { $0 == value }, value, context))
    case .export:
      let (word, name) = CommandParser.split(value)
      return .export(try choice(ExportKind(rawValue: word), word, context), name.isEmpty ? nil : name)
    case .mouse: return .mouse(try choice(["on": true, "off": false][value], value, context))
    }
  }

  private func choice<Value>(_ found: Value?, _ value: String, _ context: CommandContext) throws -> Value {
    if let found { return found }
    throw DiffusionError(.usage, "\(name) '\(value)' is unknown: expected one of \(hint(in: context))")
  }

  private func count(_ value: String, from least: Int, in context: CommandContext) throws -> Int {
    guard let count = Int(value), (least...max(least, context.stepCount)).contains(count) else {
      throw DiffusionError(.usage, "\(name) '\(value)' is out of range: expected \(hint(in: context))")
    }
    return count
  }
}

extension PlaybackSpeed {
  /// The number of steps per second, as in commands and config.toml.
  package var name: String {
    switch self {
    case .halfPerSecond: "0.5"
    case .onePerSecond: "1"
    case .twoPerSecond: "2"
    case .fourPerSecond: "4"
    case .eightPerSecond: "8"
    case .unlimited: "max"
    }
  }

  /// The speed with a name; nil for any other name.
  package init?(named name: String) {
    guard let speed = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = speed
  }
}
