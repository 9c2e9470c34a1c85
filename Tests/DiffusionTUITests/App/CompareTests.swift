import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Runs side by side") struct CompareTests {
  var engine = SmilingEngine()

  @Test("c adds a copy of the focused run with the next seed, and takes it to the same step")
  mutating func adds() {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    engine.press(.character("c"), on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[42], [43]])
    #expect(state.panes.map(\.settings.steps) == [8, 8])
    #expect(state.focus == 1)
    #expect(state.positions == [3, 3])
    #expect(!state.isBusy)
  }

  @Test(
    "the next seed after the last is the first", arguments: [("18446744073709551615", "0"), ("-1", "0"), ("-7", "-6")])
  mutating func nextSeed(seed: String, next: String) throws {
    var state = Scenes.comparing(seeds: [try Seed(parsing: seed), 1], engine: &engine)
    engine.press(.character("c"), on: &state)
    #expect(state.settings.seeds == [try Seed(parsing: next)])
  }

  @Test("there are between one and eight runs") mutating func limits() {
    var state = Scenes.started(steps: 4, engine: &engine)
    for _ in 0..<9 { engine.press(.character("c"), on: &state) }
    #expect(state.panes.count == State.maximumPanes)
    #expect(state.notice?.contains("8 runs") == true)
    for _ in 0..<9 { engine.press(.character("C"), on: &state) }
    #expect(state.panes.count == 1)
    #expect(state.notice?.contains("only run") == true)
    #expect(state.focus == 0)
    #expect(state.compare.reference == 0)
  }

  @Test("runs start together and take their steps together") mutating func together() {
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [0], steps: 4, threads: 1)),
      others: [1, 2].map { RunSettings(seeds: [$0], steps: 4, threads: 1) }.map { RunRequest(settings: $0) })
    let effects = state.start()
    #expect(effects.count == 3)
    _ = reduce(&state, .key(.right))
    engine.carryOut(Array(effects.dropLast()), on: &state)
    #expect(state.positions == [0, 0, 0], "the first steps wait for the last run")
    let answers = engine.answers(to: effects[2])
    #expect(answers.flatMap { reduce(&state, $0) } == [.denoise(runs: [1, 2, 3])])
  }

  @Test("Tab and digits move the focus") mutating func focus() {
    var state = Scenes.comparing(seeds: [0, 1, 2], engine: &engine)
    engine.press(.tab, .tab, on: &state)
    #expect(state.focus == 2)
    engine.press(.tab, on: &state)
    #expect(state.focus == 0)
    engine.press(.backTab, on: &state)
    #expect(state.focus == 2)
    engine.press(.character("2"), on: &state)
    #expect(state.focus == 1)
    engine.press(.character("7"), on: &state)
    #expect(state.focus == 1)
    #expect(state.notice?.contains("no run 7") == true)
  }

  @Test("a setting changes the focused run, which then catches up with the others") mutating func settings() {
    var state = Scenes.comparing(seeds: [0, 1], engine: &engine)
    engine.press(.right, .right, .tab, .character("s"), .character("9"), .enter, on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[0], [9]])
    #expect(state.positions == [2, 2])
    engine.press(.character("r"), on: &state)
    #expect(state.positions == [2, 2])
  }

  @Test("closing a run cancels its step, but not those of the others") mutating func closeWhileComputing() {
    var state = Scenes.comparing(seeds: [0, 1, 2], engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .character("2"), on: &state)
    #expect(reduce(&state, .compare(.closePane)) == [.cancel, .discard(runs: [2]), .denoise(runs: [1, 3])])
    #expect(state.panes.count == 2)
    #expect(state.focus == 1)
  }

  @Test("late answers for a closed run are dropped") mutating func lateAnswer() {
    var state = Scenes.comparing(seeds: [0, 1], engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .tab, on: &state)
    let late = engine.finishStep()
    _ = reduce(&state, .compare(.closePane))
    for action in late { _ = reduce(&state, action) }
    #expect(state.positions == [1])
    #expect(!state.isComparing)
  }

  @Test("closing the reference makes the first run the reference") mutating func closeReference() {
    var state = Scenes.comparing(seeds: [0, 1, 2], engine: &engine)
    engine.press(.character("3"), .character("="), .character("1"), .character("C"), on: &state)
    #expect(state.compare.reference == 1)
    engine.press(.character("2"), .character("C"), on: &state)
    #expect(state.compare.reference == 0)
  }

  @Test("only the run that fails stops; it says so, and the next step tries again") mutating func failsAlone() {
    var state = Scenes.comparing(seeds: [0, 1, 2], steps: 4, engine: &engine)
    engine.failing = [2]
    engine.press(.character(" "), on: &state)
    #expect(state.positions == [4, 0, 4])
    #expect(!state.isBusy)
    #expect(state.panes.map(\.failure) == [nil, "out of memory", nil])
    #expect(state.notice == "run 2: out of memory")
    engine.failing = []
    engine.press(.end, on: &state)
    #expect(state.positions == [4, 4, 4])
    #expect(state.panes[1].failure == nil)
  }

  @Test("a run that cannot start leaves its pane as it was") mutating func failsToStart() {
    var state = Scenes.comparing(seeds: [0, 1], engine: &engine)
    engine.press(.right, .tab, on: &state)
    engine.failure = "no memory"
    engine.press(.character("R"), on: &state)
    #expect(state.positions == [1, 1])
    #expect(state.settings.seeds == [1])
    #expect(state.notice == "run 2: no memory")
  }

  @Test("a lost step is reported in its own pane") mutating func lostStep() {
    var state = Scenes.comparing(seeds: [0, 1], engine: &engine)
    _ = engine.answers(to: .denoise(runs: [2]))
    engine.press(.right, on: &state)
    #expect(state.positions == [1, 0])
    #expect(state.panes[1].failure?.contains("step 1") == true)
    #expect(!state.isBusy)
  }

  @Test("Esc stops every run and brings linked ones to the same step") mutating func escape() {
    var state = Scenes.comparing(seeds: [0, 1], engine: &engine)
    engine.answersSteps = false
    engine.press(.end, on: &state)
    let answers = engine.finishStep()
    for action in answers.dropLast() { _ = reduce(&state, action) }
    #expect(state.positions == [1, 0])
    #expect(reduce(&state, .key(.escape)) == [.cancel])
    #expect(state.positions == [0, 0])
    #expect(state.panes.map(\.completedSteps) == [1, 0])
  }
}
