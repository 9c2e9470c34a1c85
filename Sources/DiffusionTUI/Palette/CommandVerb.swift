import DiffusionCore

/// A command that takes a value: `step 5`, `seed 42`, `theme dark`.
package enum CommandVerb: Sendable, Hashable {
  case step, back, go
  case field(SettingField)
  case view, renderer, theme, speed, mouse, gallery, lesson, export

  /// Every one there is, in the palette's order.
  package static let all: [CommandVerb] =
    [.step, .back, .go] + SettingField.allCases.map { .field($0) } + [
      .view, .renderer, .theme, .speed, .gallery, .lesson, .export, .mouse,
    ]

  /// The verb of a name.
  package init?(named name: String) {
    guard let verb = Self.all.first(where: { $0.name == name }) else { return nil }
    self = verb
  }

  /// The first word of the command.
  package var name: String {
    switch self {
    case .step: "step"
    case .back: "back"
    case .go: "go"
    case .field(let field): field.label
    case .view: "view"
    case .renderer: "renderer"
    case .theme: "theme"
    case .speed: "speed"
    case .mouse: "mouse"
    case .gallery: "gallery"
    case .lesson: "lesson"
    case .export: "export"
    }
  }

  /// What it does, for lists.
  package var help: String {
    switch self {
    case .step: "so many steps forward"
    case .back: "so many steps back"
    case .go: "to where so many steps are done"
    case .field: "set \(name) and start again"
    case .view: "show another tensor"
    case .renderer: "draw pictures another way"
    case .theme: "take another theme"
    case .speed: "play at another speed, in steps a second"
    case .mouse: "capture the mouse, or let go of it"
    case .gallery: "the final images of a range of seeds"
    case .lesson: "take a guided tour"
    case .export: "write a file: a receipt, pictures, numbers or the screen"
    }
  }

  /// What its value may be.
  package func hint(in context: CommandContext) -> String {
    switch self {
    case .step, .back: "a whole number from 1 to \(context.stepCount)"
    case .go: "a whole number from 0 to \(context.stepCount)"
    case .field(let field): field.hint(numTrainTimesteps: context.numTrainTimesteps)
    case .gallery: SeedRange.hint
    case .view, .renderer, .theme, .speed, .mouse, .lesson: choices(in: context).joined(separator: ", ")
    case .export: "\(choices(in: context).joined(separator: ", ")); then a file's name, or none"
    }
  }

  /// The values to choose from; empty where there are too many to list.
  package func choices(in context: CommandContext) -> [String] {
    switch self {
    case .step, .back, .go, .field(.seed), .field(.steps), .field(.eta), .gallery: []
    case .field(.variation): ["off"]
    case .field(.model): context.models.map(\.name)
    case .field(.device): Device.available.map(\.description)
    case .field(.noiseDevice): NoiseDevice.allCases.map(\.rawValue)
    case .view: TensorView.allCases.map(\.shortLabel)
    case .renderer: ImageRendererKind.allCases.map(\.rawValue)
    case .theme: context.themeNames
    case .lesson: context.lessonNames
    case .speed: PlaybackSpeed.allCases.map(\.name)
    case .mouse: ["on", "off"]
    case .export: ExportKind.allCases.map(\.rawValue)
    }
  }

  /// What is set now; nil for what moves.
  package func value(in context: CommandContext) -> String? {
    switch self {
    case .step, .back, .gallery, .lesson, .export: nil
    case .go: String(context.position)
    case .field(let field): field.text(of: context.request)
    case .view: context.view.shortLabel
    case .renderer: context.renderer.rawValue
    case .theme: context.themeName
    case .speed: context.speed.name
    case .mouse: context.capturesMouse ? "on" : "off"
    }
  }
}
