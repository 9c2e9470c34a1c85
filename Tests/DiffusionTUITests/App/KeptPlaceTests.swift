import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("The place of a run whose device or threads change") struct KeptPlaceTests {
  private var engine = SmilingEngine()

  private mutating func type(_ command: String, on state: inout State) {
    for character in ":" + command { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
  }

  /// Changes the device with its key.
  private mutating func edit(device: String, on state: inout State) {
    engine.press(.character("d"), on: &state)
    for character in device { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
  }

  @Test("is kept: the run is computed again to it", arguments: ["device cpu:portable", "threads 1", "device cpu"])
  mutating func kept(command: String) {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    let former = state.run?.number
    type(command, on: &state)
    #expect(state.run?.number != former && state.position == 3 && state.completedSteps == 3)
    // A place that playback leaves behind would come back with the next change.
    #expect(state.pane.restoredPosition == nil)
    engine.press(.right, on: &state)
    #expect(state.position == 4)
    type("eta 0.5", on: &state)
    #expect(state.position == 0, "a setting that decides the result starts from the noise")
  }

  @Test("is kept by the editor, and one step back as well") mutating func editor() {
    var state = Scenes.after(5, steps: 8, engine: &engine)
    engine.press(.left, .left, on: &state)
    edit(device: "cpu:portable", on: &state)
    #expect(state.settings.device.description == "cpu:portable" && state.position == 3)
  }

  @Test("is kept when a change is taken back, from where the run is now") mutating func undone() {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    type("device cpu:portable", on: &state)
    engine.press(.right, .right, .character("U"), on: &state)
    #expect(state.settings.device == .cpu && state.position == 5)
    engine.press(.control("r"), on: &state)
    #expect(state.settings.device.description == "cpu:portable" && state.position == 5)
  }

  @Test("is kept after an error of the device") mutating func failed() throws {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    engine.failing = [try #require(state.run).number]
    engine.press(.right, on: &state)
    #expect(state.pane.failure == "out of memory" && state.position == 3)
    edit(device: "cpu:portable", on: &state)
    #expect(state.pane.failure == nil && state.position == 3 && state.completedSteps == 3)
  }

  @Test("is not lost by a device that fails on the way there") mutating func failedOnTheWay() throws {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    engine.failing = [state.lastRunNumber + 1]
    edit(device: "cpu:portable", on: &state)
    #expect(state.pane.failure != nil && state.position == 0)
    edit(device: "cpu", on: &state)
    #expect(state.pane.failure == nil && state.position == 3)
  }

  @Test("is kept behind the step that made an infinity") mutating func behindAnInfinity() {
    engine.breaking = 1
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.press(.right, .right, on: &state)
    #expect(state.alarm != nil && state.position == 4)
    edit(device: "cpu:portable", on: &state)
    #expect(state.alarm != nil && state.position == 4)
  }

  @Test("is kept where the run cannot start on the device: it stays as it is") mutating func refused() {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    engine.failure = "device 'cpu:portable' is unavailable"
    edit(device: "cpu:portable", on: &state)
    #expect(state.settings.device == .cpu && state.position == 3 && state.completedSteps == 3)
  }

  @Test("is kept beside others, linked or not", arguments: 0...2) mutating func beside(links: Int) {
    var state = Scenes.comparing(seeds: [1, 2], steps: 8, engine: &engine)
    for _ in 0..<links { engine.press(.character("u"), on: &state) }
    engine.press(.character("2"), .right, .right, .right, on: &state)
    let places = state.positions
    type("device cpu:portable", on: &state)
    #expect(state.positions == places && places[1] == 3)
  }

  @Test("is kept in lines without a screen") func lines() throws {
    let state = State(
      size: Size(columns: 80, rows: 24), capabilities: TerminalCapabilities(colorTier: .mono, unicode: false),
      run: RunRequest(settings: RunSettings(seeds: [3], steps: 5, threads: 2)))
    var session = PlainSession(
      player: SnapshotPlayer(state: state, engine: FakeEngine(controls: FakeEngine.Controls()), drawSeed: { 7 }))
    _ = try session.start()
    let lines = try ["step 2", "device cpu:portable", "threads 1"].flatMap { try session.answer($0) }
    #expect(lines.filter { $0.hasPrefix("Step") }.allSatisfy { $0.hasPrefix("Step 2 of 5") }, "\(lines)")
    #expect(lines.contains { $0.contains("device cpu:portable") })
  }
}
