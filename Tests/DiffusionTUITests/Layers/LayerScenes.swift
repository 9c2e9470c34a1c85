import DiffusionCore
import DiffusionTUI
import TestSupport

/// How each layer is opened, and how to tell it from the others.
enum LayerScenes {
  /// Two runs that were finished and taken one step back, with the test's lesson in the list.
  static func started(_ columns: Int = 120, _ rows: Int = 40, engine: inout SmilingEngine) -> State {
    var state = LessonScenes.started(columns, rows, engine: &engine)
    engine.press(.character("c"), .end, .left, on: &state)
    return state
  }

  /// The keys that open a layer over the runs.
  static func keys(of kind: Layer.Kind) -> [Key] {
    switch kind {
    case .lesson: [.character("L"), .enter, .end]
    case .threeUp: [.character("T")]
    case .attention: [.character("H")]
    case .zoom: [.character("z")]
    case .gallery: [.character("G")]
    case .help: [.character("?")]
    case .search: [.character("?"), .character("/")]
    case .editor: [.character("n")]
    case .variation: [.character("b")]
    case .branch: [.character("B")]
    case .exports: [.character("x")]
    case .palette: [.character(":")]
    case .lessonList: [.character("L")]
    // ``open(_:on:engine:)`` leaves out the answer that ends it.
    case .writing: [.character(":")] + "export csv".map { .character($0) } + [.enter]
    case .download, .sweep: []
    }
  }

  /// Opens a layer.
  static func open(_ kind: Layer.Kind, on state: inout State, engine: inout SmilingEngine) {
    if kind == .download { download(on: &state) }
    if kind == .sweep { SweepScenes.open(on: &state, engine: &engine) }
    for key in keys(of: kind) {
      let effects = reduce(&state, .key(key))
      engine.carryOut(effects.filter { if case .export = $0 { false } else { true } }, on: &state)
    }
  }

  /// Starts a run again, as if its model had to be downloaded first. The gallery starts none.
  private static func download(on state: inout State) {
    guard case .start(let run, _)? = reduce(&state, .run(.restart)).last else { return }
    let stage = OpeningProgress.Stage.downloading(rate: 12_345_678, secondsLeft: 6.4)
    _ = reduce(
      &state, .modelOpening(run: run, OpeningProgress(bytes: 64_100_000, totalBytes: 143_120_000, stage: stage)))
  }

  /// A word found only in the footer of this layer, or in that of the runs if there is no layer.
  static func footer(of kind: Layer.Kind?, isNamed: Bool = false) -> String {
    switch kind {
    case .attention: "large, or all"
    case .zoom: "pixel"
    case .gallery: "other seeds"
    case .sweep: "turn the axes"
    case .help: "scroll"
    case .search: "end the search"
    case .editor: "keep the old value"
    case .variation: "keep the old one"
    case .branch: "next value"
    case .exports: isNamed ? "write" : "choose"
    case .palette: "complete"
    case .lessonList: "begins, or goes on"
    case .lesson, .threeUp, .writing, .download, nil: "quit"
    }
  }
}
