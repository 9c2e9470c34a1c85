import DiffusionCore
import DiffusionTUI
import TestSupport

/// How each layer is opened, and how it is told from the others.
enum LayerScenes {
  /// Two finished runs, with the test's lesson in the list.
  static func started(_ columns: Int = 120, _ rows: Int = 40, engine: inout SmilingEngine) -> State {
    var state = LessonScenes.started(columns, rows, engine: &engine)
    engine.press(.character("c"), .end, on: &state)
    return state
  }

  /// The keys that open a layer over the runs.
  static func keys(of kind: Layer.Kind) -> [Key] {
    switch kind {
    case .lesson: [.character("L"), .enter, .end]
    case .threeUp: [.character("T")]
    case .zoom: [.character("z")]
    case .gallery: [.character("G")]
    case .help: [.character("?")]
    case .editor: [.character("n")]
    case .variation: [.character("b")]
    case .exports: [.character("x")]
    case .palette: [.character(":")]
    case .lessonList: [.character("L")]
    // The answer that ends it is left out by ``open(_:on:engine:)``.
    case .writing: [.character(":")] + "export csv".map { .character($0) } + [.enter]
    }
  }

  /// Opens a layer.
  static func open(_ kind: Layer.Kind, on state: inout State, engine: inout SmilingEngine) {
    for key in keys(of: kind) {
      let effects = reduce(&state, .key(key))
      engine.carryOut(effects.filter { if case .export = $0 { false } else { true } }, on: &state)
    }
  }

  /// A word that the footer of a layer has and no other: of the runs where there is none.
  static func footer(of kind: Layer.Kind?, isNamed: Bool = false) -> String {
    switch kind {
    case .zoom: "pixel"
    case .gallery: "other seeds"
    case .help: "scroll"
    case .editor: "keep the old value"
    case .variation: "keep the old one"
    case .exports: isNamed ? "write" : "choose"
    case .palette: "complete"
    case .lessonList: "begins"
    case .lesson, .threeUp, .writing, nil: "quit"
    }
  }
}
