import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Linked cursors") struct CursorLinkTests {
  var engine = SmilingEngine()

  /// Runs of different numbers of steps, from one seed.
  private mutating func state(steps: [Int]) -> State {
    Scenes.comparing(steps.map { RunSettings(seeds: [0], steps: $0, threads: 1) }, engine: &engine)
  }

  @Test("by step, every run stands at the same step as far as it has as many") mutating func byStep() {
    var state = state(steps: [4, 8])
    for expected in 1...8 {
      engine.press(.right, on: &state)
      #expect(state.positions == [min(4, expected), expected])
    }
    engine.press(.right, on: &state)
    #expect(state.positions == [4, 8])
    engine.press(.left, .left, .left, .left, .left, on: &state)
    #expect(state.positions == [3, 3])
    engine.press(.home, on: &state)
    #expect(state.positions == [0, 0])
    engine.press(.end, on: &state)
    #expect(state.positions == [4, 8])
  }

  @Test("by timestep, the others stand at their last step at or above the focused one's timestep")
  mutating func byTimestep() {
    // 750, 500, 250, 0 beside 875, 750, 625, 500, 375, 250, 125, 0.
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .right, on: &state)
    #expect(state.compare.link == .timestep)
    #expect(state.positions == [1, 2])
    engine.press(.right, on: &state)
    #expect(state.positions == [2, 4])
    engine.press(.tab, .right, on: &state)
    #expect(state.positions == [2, 5], "375 of the second lies between 500 and 250 of the first")
    engine.press(.right, on: &state)
    #expect(state.positions == [3, 6])
    engine.press(.left, .left, .left, on: &state)
    #expect(state.positions == [1, 3])
    engine.press(.end, on: &state)
    #expect(state.positions == [4, 8])
    engine.press(.home, on: &state)
    #expect(state.positions == [0, 0])
  }

  @Test("at the focused run's end all are at theirs") mutating func end() {
    var state = state(steps: [3, 7])
    engine.press(.character("u"), .right, .right, .right, on: &state)
    #expect(state.positions == [3, 7])
  }

  @Test("unlinked, only the focused run moves") mutating func unlinked() {
    var state = state(steps: [8, 8])
    engine.press(.right, .character("u"), .character("u"), .right, .right, on: &state)
    #expect(state.compare.link == .unlinked)
    #expect(state.positions == [3, 1])
    engine.press(.tab, .end, on: &state)
    #expect(state.positions == [3, 8])
    engine.press(.home, on: &state)
    #expect(state.positions == [3, 0])
  }

  @Test("linked again, the others join the focused one") mutating func linkedAgain() {
    var state = state(steps: [8, 8])
    engine.press(.character("u"), .character("u"), .right, .right, .character("u"), on: &state)
    #expect(state.compare.link == .step)
    #expect(state.positions == [2, 2])
  }

  @Test("playing moves linked runs to their ends", arguments: [0, 1]) mutating func play(links: Int) {
    var state = state(steps: [4, 8, 6])
    for _ in 0..<links { engine.press(.character("u"), on: &state) }
    engine.press(.character(" "), on: &state)
    #expect(state.positions == [4, 8, 6])
    #expect(!state.isBusy)
    engine.press(.character(" "), on: &state)
    #expect(state.positions == [4, 8, 6], "and replays from the noise")
  }

  @Test("playing one unlinked run leaves the others") mutating func playUnlinked() {
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .character("u"), .character(" "), on: &state)
    #expect(state.positions == [4, 0])
    #expect(!state.isBusy)
  }

  @Test("a run that is added beside others joins them by the link") mutating func joins() {
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .right, .character("1"), .character("n"), .character("8"), .enter, on: &state)
    #expect(state.panes.map(\.stepCount) == [8, 8])
    #expect(state.positions == [2, 2])
    engine.press(.character("c"), on: &state)
    #expect(state.positions == [2, 2, 2])
  }

  @Test("a click on the timeline takes linked runs along", arguments: [(0, [3, 3]), (1, [3, 6]), (2, [3, 2])])
  mutating func scrub(links: Int, expected: [Int]) {
    var state = state(steps: [4, 8])
    engine.press(.right, on: &state)
    for _ in 0..<links { engine.press(.character("u"), on: &state) }
    engine.carryOut(reduce(&state, .go(to: 3)), on: &state)
    #expect(state.positions == expected)
    engine.carryOut(reduce(&state, .go(to: 0)), on: &state)
    #expect(state.position == 0)
  }

  @Test("unlinked, stopping one run does not stop another") mutating func stopsAlone() {
    var state = state(steps: [8, 8])
    engine.press(.character("u"), .character("u"), on: &state)
    engine.answersSteps = false
    engine.press(.right, .tab, .right, on: &state)
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(engine.waiting == [2])
    engine.press(.character("1"), .right, on: &state)
    #expect(reduce(&state, .key(.left)) == [], "its step was not asked for yet")
    #expect(state.panes[1].isComputing)
    engine.press(.character("2"), on: &state)
    #expect(reduce(&state, .key(.left)) == [.cancel])
    #expect(state.positions == [1, 0])
  }
}
