import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Playback") struct PlaybackTests {
  private var engine = SmilingEngine()

  @Test("starts at eight steps a second; > is full speed") mutating func speed() {
    var state = Scenes.started(120, 40, steps: 3, engine: &engine)
    #expect(FrameText(view(state)).text.contains("8 steps/s"))
    #expect(reduce(&state, .key(.character(" "))) == [.denoise(runs: [1])])
    let effects = engine.answers(to: .denoise(runs: [1])).flatMap { reduce(&state, $0) }
    #expect(effects == [.tick(after: .milliseconds(125))])
    engine.press(.character(">"), on: &state)
    #expect(state.playback.speed == .unlimited)
  }

  @Test("a loop goes back to the noise at the end, computes nothing twice, and ends when told to")
  mutating func loop() {
    var state = Scenes.started(120, 40, steps: 3, engine: &engine)
    engine.press(.character("A"), on: &state)
    #expect(FrameText(view(state)).text.contains("playback starts again at the end"))
    engine.press(.character("v"), on: &state)
    #expect(FrameText(view(state)).text.contains("8 steps/s, loop"))
    engine.carryOut(reduce(&state, .key(.character(" "))), on: &state, ticks: false)
    var positions: [Int] = []
    for _ in 0..<9 {
      positions.append(state.position)
      let effects = reduce(&state, .tick)
      #expect(state.completedSteps == 3 || effects == [.denoise(runs: [1])])
      engine.carryOut(effects, on: &state, ticks: false)
    }
    #expect(positions == [1, 2, 3, 0, 1, 2, 3, 0, 1])
    #expect(state.playback.isPlaying)
    engine.press(.character(" "), on: &state)
    #expect(!state.isBusy && reduce(&state, .tick) == [])
    engine.press(.character("A"), .character(" "), on: &state)
    #expect(state.position == 3 && !state.isBusy, "without the loop it plays to the end")
  }

  @Test("a loop that is switched off at its end stops there") mutating func switchedOff() {
    var state = Scenes.started(steps: 2, engine: &engine)
    engine.press(.character("A"), on: &state)
    engine.carryOut(reduce(&state, .key(.character(" "))), on: &state, ticks: false)
    while state.position < 2 { engine.carryOut(reduce(&state, .tick), on: &state, ticks: false) }
    engine.press(.character("A"), on: &state)
    #expect(state.playback.isPlaying && reduce(&state, .tick) == [])
    #expect(!state.playback.isPlaying && !state.isBusy && state.position == 2)
  }

  @Test("a loop of runs that all failed ends") mutating func failed() {
    var state = Scenes.started(steps: 3, engine: &engine)
    engine.failing = [1]
    engine.press(.character("A"), .character(" "), on: &state)
    #expect(!state.isBusy && !state.playback.isPlaying)
  }

  @Test("keys without a screen play a loop once, at any speed") mutating func headless() throws {
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: Scenes.fullColor,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 3, threads: 1)))
    var player = SnapshotPlayer(
      state: state, engine: FakeEngine(controls: FakeEngine.Controls()), drawSeed: { 7 })
    _ = try player.play([.character("A"), .character("<"), .character(" ")])
    #expect(player.state.position == 3 && !player.state.isBusy)
  }

  @Test("the palette has the loop, and lines without a screen have not") mutating func commands() throws {
    let state = Scenes.started(steps: 3, engine: &engine)
    #expect(try CommandParser(CommandContext(state)).parse("loop") == .action(.playback(.toggleLoop)))
    #expect(throws: DiffusionError.self) { try PlainGrammar(state).request("loop", "") }
  }
}
