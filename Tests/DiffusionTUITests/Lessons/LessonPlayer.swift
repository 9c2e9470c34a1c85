import DemoModel
import DiffusionCore
import DiffusionTUI

/// Takes a lesson as a learner would, on the model that the lesson names.
struct LessonPlayer {
  private var player: SnapshotPlayer

  /// Opens a lesson from the list.
  ///
  /// - Parameter text: Its file's text; nil for that of the program's own.
  init(_ lesson: Lesson, text: String? = nil, size: Size = Size(columns: 80, rows: 24)) throws {
    var state = State(
      size: size, capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 2, threads: 2)))
    state.lessonFiles = LessonScenes.files.filter { $0.key == lesson.name }
    if let text { state.lessonFiles[lesson.name] = text }
    let engine = PipelineEngine(
      open: { try DiffusionPipeline.load(DemoModel.source(named: $0.model.name), threads: 2) },
      picture: { _ in try DemoModel.picture })
    var drawn = 100
    player = SnapshotPlayer(
      state: state, engine: engine,
      drawSeed: {
        drawn += 1
        return Seed(drawn)
      })
    try player.start()
    try press(.character("L"))
    try press(.enter)
  }

  var state: State { player.state }

  mutating func press(_ key: Key) throws { try player.perform(.action(.key(key))) }
}
