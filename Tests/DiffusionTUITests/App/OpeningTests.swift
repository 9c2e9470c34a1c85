import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A model that is being opened") struct OpeningTests {
  private var engine = SmilingEngine()
  private static let model = ModelReference("folder/large")

  /// Asks for another model in a run at its end, and leaves it being read. Returns the run's number.
  private mutating func opening() throws -> (State, run: Int) {
    var state = Scenes.started(steps: 4, engine: &engine)
    engine.press(.end, .character(":"), on: &state)
    for character in "model folder/large" { engine.press(.character(character), on: &state) }
    let run = try #require(Self.started(by: reduce(&state, .key(.enter))))
    _ = reduce(&state, .modelOpening(run: run, OpeningProgress(bytes: 1_000_000, totalBytes: 2_000_000)))
    return (state, run)
  }

  private static func started(by effects: [Effect]) -> Int? {
    effects.lazy.compactMap { if case .start(let run, _) = $0 { run } else { nil } }.first
  }

  @Test("keys that change nothing say so, and not that the run before is at its noise") mutating func reason() throws {
    var (state, _) = try opening()
    engine.press(.left, .left, on: &state)
    #expect(state.notice == "the model is opening: press Esc to stop it")
    #expect(state.position == 4)
  }

  @Test("Esc stops it, and the run before it stays with its settings") mutating func escape() throws {
    var (state, run) = try opening()
    let former = state.run
    #expect(reduce(&state, .key(.escape)).contains(.discard(runs: [run])))
    #expect(state.run == former && state.position == 4 && !state.isBusy)
    #expect(state.pane.latestRequest.model == .demo)
    #expect(state.notice == "folder/large is not opened: it was stopped")
    // There is no change to take back.
    engine.press(.character("U"), on: &state)
    #expect(state.pane.latestRequest.model == .demo && state.pane.pending == nil)
  }

  @Test("a run that only starts is not stopped, and Esc says that it starts") mutating func starting() {
    var state = Scenes.started(steps: 4, engine: &engine)
    _ = reduce(&state, .run(.restart))
    #expect(reduce(&state, .key(.escape)).isEmpty)
    #expect(state.isStarting && state.notice == "the run is starting")
  }

  @Test("a pane without a picture says that the model is opened") func first() throws {
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(model: Self.model, settings: RunSettings(steps: 4, threads: 1)))
    let run = try #require(Self.started(by: state.start()))
    #expect(FrameText(view(state)).text.contains("starting the run"))
    _ = reduce(&state, .modelOpening(run: run, OpeningProgress(bytes: 1_000_000, totalBytes: 2_000_000)))
    let screen = FrameText(view(state)).text
    #expect(screen.contains("opening the model") && !screen.contains("starting the run"))
  }
}
