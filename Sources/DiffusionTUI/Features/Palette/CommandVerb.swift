import DiffusionCore

/// A command that takes a value: `step 5`, `seed 42`, `theme dark`.
package enum CommandVerb: Sendable, Hashable {
  case step, back, go
  case setting(Setting)
  case view, renderer, theme, speed, mouse, gallery, lesson, export

  /// All verbs, in the palette's order.
  package static let all: [CommandVerb] =
    [.step, .back, .go] + Setting.all.map { .setting($0) } + [
      .view, .renderer, .theme, .speed, .gallery, .lesson, .export, .mouse,
    ]

  /// The verb with a name. A setting also goes by its names in files.
  package init?(named name: String) {
    let setting = Setting.all.first { $0.isCalled(name) }
    guard let verb = Self.all.first(where: { $0.name == name }) ?? setting.map({ .setting($0) }) else { return nil }
    self = verb
  }

  /// The first word of the command.
  package var name: String {
    switch self {
    case .step: "step"
    case .back: "back"
    case .go: "go"
    case .setting(let setting): setting.label
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

  /// The help text in lists.
  package var help: String {
    switch self {
    case .step: "so many steps forward"
    case .back: "so many steps back"
    case .go: "to where so many steps are done"
    case .setting(let setting) where !setting.decidesResult: "set \(name) and compute the run again to this step"
    case .setting(let setting):
      switch setting.restarts {
      case .noise: "set \(name) and start again"
      case .schedule: "set \(name) and start again from the same noise"
      case .model: "set \(name) and start again with the model made anew"
      }
    case .view: "show another tensor"
    case .renderer: "draw pictures another way"
    case .theme: "take another theme"
    case .speed: "play at another speed, in steps a second"
    case .mouse: "capture the mouse, or let go of it"
    case .gallery: "the final images of a range of seeds, or of prompts"
    case .lesson: "take a guided tour"
    case .export: "write a file: a receipt, pictures, numbers or the screen"
    }
  }

  /// The expected value.
  package func hint(in context: CommandContext) -> String {
    switch self {
    case .step, .back: "a whole number from 1 to \(context.stepCount)"
    case .go: "a whole number from 0 to \(context.stepCount)"
    case .setting(.device) where context.devices.isAwaited: DeviceList.awaited
    case .setting(.device) where context.devices.answer?.isEmpty == false:
      context.devices.choices(of: .device).joined(separator: ", ")
    case .setting(let setting): setting.hint(for: context.request, limits: context.limits).long
    case .gallery: GalleryEntries.hint
    case .view, .renderer, .theme, .speed, .mouse, .lesson: choices(in: context).joined(separator: ", ")
    case .export: "\(choices(in: context).joined(separator: ", ")); then a file's name, or none"
    }
  }

  /// The possible values; empty if there are too many to list.
  package func choices(in context: CommandContext) -> [String] {
    switch self {
    case .step, .back, .go, .gallery: []
    case .setting(.model): context.models.map(\.name)
    case .setting(.invert) where context.request.settings.initImage == nil: []
    case .setting(.device): context.devices.names
    case .setting(let setting): setting.usualChoices
    case .view: TensorView.allCases.map(\.shortLabel)
    case .renderer: ImageRendererKind.allCases.map(\.rawValue)
    case .theme: context.themeNames
    case .lesson: context.lessonNames
    case .speed: PlaybackSpeed.allCases.map(\.name)
    case .mouse: ["on", "off"]
    case .export: ExportKind.allCases.map(\.rawValue)
    }
  }

  /// What speaks against a value that can be set nevertheless; nil for nothing.
  func reservation(about value: String, in context: CommandContext) -> String? {
    guard case .setting(.scheduler) = self else { return nil }
    return context.unsuitedSchedulers[value].map { "not made for this model: \($0)" }
  }

  /// The current value; nil for verbs that move.
  package func value(in context: CommandContext) -> String? {
    switch self {
    case .step, .back, .gallery, .lesson, .export: nil
    case .go: String(context.position)
    case .setting(let setting): setting.text(of: context.request)
    case .view: context.view.shortLabel
    case .renderer: context.renderer.rawValue
    case .theme: context.themeName
    case .speed: context.speed.name
    case .mouse: context.capturesMouse ? "on" : "off"
    }
  }
}
