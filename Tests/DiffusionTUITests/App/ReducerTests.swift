import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The reducer") struct ReducerTests {
  var engine = SmilingEngine()

  @Test("starts paused at step 0") mutating func startsPaused() {
    let state = Scenes.started(engine: &engine)
    #expect(state.position == 0)
    #expect(state.completedSteps == 0)
    #expect(state.stepCount == 50)
    #expect(!state.isBusy)
  }

  @Test(
    "the message line says what the opening of a model does, until the run starts", arguments: [(80, 24), (40, 12)])
  mutating func opening(columns: Int, rows: Int) {
    var state = Scenes.started(columns, rows, engine: &engine)
    let effects = reduce(&state, .run(.restart))
    guard case .start(let run, _)? = effects.last else {
      Issue.record("nothing starts: \(effects)")
      return
    }
    let progress = OpeningProgress(bytes: 34_000_000, totalBytes: 143_000_000)
    _ = reduce(&state, .modelOpening(run: run + 1, progress))
    #expect(state.opening == nil)
    _ = reduce(&state, .modelOpening(run: run, progress))
    #expect(state.opening == "opening ddpm-emoji-32: reading and packing the weights: 34 of 143 MB")
    let screen = FrameText(view(state)).text
    #expect(screen.contains("opening ddpm-emoji-32: reading") && screen.contains("34 of 143 MB"))
    engine.carryOut(effects, on: &state)
    #expect(state.opening == nil)
  }

  @Test("forward computes the next step, back shows the previous one without computing")
  mutating func forwardAndBack() {
    var state = Scenes.started(engine: &engine)
    #expect(reduce(&state, .key(.right)) == [.denoise(runs: [1])])
    engine.carryOut([.denoise(runs: [1])], on: &state)
    #expect(state.position == 1)
    #expect(reduce(&state, .key(.character("h"))) == [])
    #expect(state.position == 0)
    #expect(state.completedSteps == 1)
    #expect(reduce(&state, .key(.character("l"))) == [], "forward after back replays history")
    #expect(state.position == 1)
  }

  @Test("keys pressed while a step is being computed are queued, not dropped") mutating func queue() {
    var state = Scenes.started(engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, .right, on: &state)
    #expect(state.position == 0)
    for expected in 1...3 {
      var next: [Effect] = []
      for action in engine.finishStep() { next += reduce(&state, action) }
      engine.carryOut(next, on: &state)
      #expect(state.position == expected)
    }
    #expect(!state.isBusy)
  }

  @Test(
    "Left, Space and Esc drop the queue and cancel the step", arguments: [Key.left, .character(" "), .escape])
  mutating func cancels(key: Key) {
    var state = Scenes.after(2, engine: &engine)
    engine.answersSteps = false
    engine.press(.right, .right, on: &state)
    #expect(reduce(&state, .key(key)) == [.cancel])
    #expect(state.position == 2)
    #expect(!state.isBusy)
  }

  @Test("a step that arrives after it was cancelled is kept in history but not shown") mutating func lateStep() {
    var state = Scenes.started(engine: &engine)
    engine.answersSteps = false
    engine.press(.right, on: &state)
    let late = engine.finishStep()
    _ = reduce(&state, .key(.left))
    for action in late { #expect(reduce(&state, action) == []) }
    #expect(state.position == 0)
    #expect(state.completedSteps == 1)
  }

  @Test("End runs to the last step, Home goes to the noise and keeps history") mutating func homeAndEnd() {
    var state = Scenes.started(steps: 6, engine: &engine)
    engine.press(.end, on: &state)
    #expect(state.position == 6)
    #expect(reduce(&state, .key(.home)) == [])
    #expect(state.position == 0)
    #expect(state.completedSteps == 6)
    #expect(reduce(&state, .key(.end)) == [])
    #expect(state.position == 6)
    #expect(reduce(&state, .key(.right)) == [], "there is no step after the last")
  }

  @Test("playback waits after each step for as long as the speed says") mutating func playback() {
    var state = Scenes.started(steps: 3, engine: &engine)
    for _ in 0..<5 { engine.press(.character("<"), on: &state) }
    #expect(reduce(&state, .key(.character(" "))) == [.denoise(runs: [1])])
    engine.carryOut([.denoise(runs: [1])], on: &state, ticks: false)
    #expect(state.position == 1)
    #expect(reduce(&state, .tick) == [.denoise(runs: [1])])
    var effects: [Effect] = []
    for action in engine.answers(to: .denoise(runs: [1])) { effects += reduce(&state, action) }
    #expect(effects == [.tick(after: .seconds(2))])
    engine.carryOut(reduce(&state, .tick), on: &state)
    #expect(state.position == 3)
    #expect(!state.isBusy, "playing ends at the last step")
  }

  @Test("playback at full speed asks for the next step at once") mutating func fastPlayback() {
    var state = Scenes.started(steps: 3, engine: &engine)
    state.playback.speed = .unlimited
    _ = reduce(&state, .playback(.togglePlay))
    let answers = engine.answers(to: .denoise(runs: [1]))
    #expect(answers.flatMap { reduce(&state, $0) } == [.denoise(runs: [1])])
  }

  @Test("Space at the end replays from history without computing") mutating func replay() {
    var state = Scenes.started(steps: 3, engine: &engine)
    state.playback.speed = .unlimited
    engine.press(.end, on: &state)
    #expect(reduce(&state, .playback(.togglePlay)) == [.tick(after: .milliseconds(17))])
    #expect(state.position == 1)
    engine.carryOut([.tick(after: .milliseconds(17))], on: &state)
    #expect(state.position == 3)
  }

  @Test("a tick after a pause does nothing") mutating func lateTick() {
    var state = Scenes.after(1, engine: &engine)
    #expect(reduce(&state, .tick) == [])
    #expect(state.position == 1)
  }

  @Test("a restart keeps the old run until the new one answers") mutating func restart() {
    var state = Scenes.after(2, engine: &engine)
    let settings = state.settings
    #expect(reduce(&state, .key(.character("r"))) == [.start(run: 2, RunRequest(settings: settings))])
    #expect(state.position == 2)
    engine.carryOut([.start(run: 2, RunRequest(settings: settings))], on: &state)
    #expect(state.position == 0)
    #expect(state.completedSteps == 0)
  }

  @Test("keys pressed while a run starts count for the new run") mutating func keysWhileStarting() {
    var state = Scenes.after(2, engine: &engine)
    let effects = reduce(&state, .run(.restart))
    _ = reduce(&state, .key(.right))
    _ = reduce(&state, .key(.right))
    engine.carryOut(effects, on: &state)
    #expect(state.position == 2)
    #expect(state.run?.number == 2)
  }

  @Test("late answers for an earlier run are dropped") mutating func formerRun() {
    var state = Scenes.after(1, engine: &engine)
    let late = engine.answers(to: .denoise(runs: [1]))
    engine.press(.character("r"), on: &state)
    for action in late { #expect(reduce(&state, action) == []) }
    #expect(state.completedSteps == 0)
  }

  @Test("R draws a seed and starts a run with it") mutating func randomSeed() {
    var state = Scenes.started(engine: &engine)
    #expect(reduce(&state, .key(.character("R"))) == [.drawSeed])
    engine.press(.character("R"), on: &state)
    #expect(state.settings.seeds == [4_242_424_242])
  }

  @Test("a run that cannot start leaves the old one, and says why until the next key") mutating func failedStart() {
    var state = Scenes.after(2, engine: &engine)
    engine.failure = "no memory"
    engine.press(.character("R"), on: &state)
    #expect(state.notice == "no memory")
    #expect(state.settings.seeds == [42])
    #expect(state.position == 2)
    engine.press(.character("v"), on: &state)
    #expect(state.notice == nil)
  }

  @Test("a step that fails pauses and says why") mutating func failedStep() {
    var state = Scenes.started(engine: &engine)
    _ = reduce(&state, .playback(.togglePlay))
    _ = reduce(&state, .runFailed(run: 1, message: "a NaN"))
    #expect(!state.isBusy)
    #expect(state.notice == "a NaN")
  }

  @Test("a skipped step stops the run rather than showing a wrong history") mutating func lostStep() {
    var state = Scenes.started(engine: &engine)
    _ = reduce(&state, .key(.right))
    _ = engine.answers(to: .denoise(runs: [1]))
    for action in engine.answers(to: .denoise(runs: [1])) { _ = reduce(&state, action) }
    #expect(state.completedSteps == 0)
    #expect(!state.isBusy)
    #expect(state.notice?.contains("step 1") == true)
  }

  @Test("Space does nothing without a run") func noRun() {
    var state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(threads: 1)))
    #expect(reduce(&state, .key(.character(" "))) == [])
    #expect(!state.isBusy)
    #expect(reduce(&state, .key(.right)) == [])
    #expect(reduce(&state, .key(.end)) == [])
  }

  @Test("Ctrl-C quits and Ctrl-Z suspends whatever is open") mutating func always() {
    var state = Scenes.started(engine: &engine)
    for opening in [Key.character("s"), .character("?")] {
      _ = reduce(&state, .key(opening))
      #expect(reduce(&state, .key(.control("c"))) == [.quit])
      #expect(reduce(&state, .key(.control("z"))) == [.suspend])
      _ = reduce(&state, .key(.escape))
    }
    #expect(reduce(&state, .hangUp) == [.quit])
  }

  @Test("m skips renderers the screen cannot show; asking for one by name says why") mutating func noHalfBlocks() {
    var state = Scenes.started(capabilities: .init(colorTier: .mono, unicode: true), engine: &engine)
    for renderer in [ImageRendererKind.braille, .asciiRamp, .braille] {
      _ = reduce(&state, .key(.character("m")))
      #expect(state.shownRenderer == renderer)
    }
    _ = reduce(&state, .renderer(.halfBlock))
    #expect(state.notice?.contains("half block takes Unicode and colours") == true)
  }
}
