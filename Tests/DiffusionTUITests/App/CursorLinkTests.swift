import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Linked cursors") struct CursorLinkTests {
  var engine = SmilingEngine()

  /// Runs with the same seed and different numbers of steps.
  private mutating func state(steps: [Int]) -> State {
    Scenes.comparing(steps.map { RunSettings(seeds: [0], steps: $0, threads: 1) }, engine: &engine)
  }

  @Test("linked by step, every run is at the same step, or at its last if it has fewer") mutating func byStep() {
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

  @Test("each way to link them is said") mutating func words() {
    var state = state(steps: [4, 8])
    for expected in ["linked by timestep", "unlinked", "linked by step"] {
      engine.press(.character("u"), on: &state)
      #expect(state.news == "cursors are \(expected)")
    }
  }

  @Test("linked by timestep, the others are at their last step at or above the focused run's")
  mutating func byTimestep() {
    // 750, 500, 250, 0 against 875, 750, 625, 500, 375, 250, 125, 0.
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

  @Test("linked by timestep, timesteps need not be whole") mutating func byFraction() {
    // 750.5, 500.5, 250.5, 0 against 875.25, 750.25, 625.25, 500.25, 375.25, 250.25, 125.25, 0.
    engine.fractions = [4: 0.5, 8: 0.25]
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .right, on: &state)
    #expect(state.compare.link == .timestep && state.positions == [1, 1])
    engine.press(.right, on: &state)
    #expect(state.positions == [2, 3])
    engine.press(.tab, .right, on: &state)
    #expect(state.positions == [2, 4])
    engine.press(.right, .right, on: &state)
    #expect(state.positions == [3, 6])
    engine.press(.end, on: &state)
    #expect(state.positions == [4, 8])
  }

  @Test("when the focused run is at its end, so are all the others") mutating func end() {
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

  @Test("when linked again, the others join the focused run") mutating func linkedAgain() {
    var state = state(steps: [8, 8])
    engine.press(.character("u"), .character("u"), .right, .right, .character("u"), on: &state)
    #expect(state.compare.link == .step)
    #expect(state.positions == [2, 2])
  }

  @Test("playing takes linked runs to their ends", arguments: [0, 1]) mutating func play(links: Int) {
    var state = state(steps: [4, 8, 6])
    for _ in 0..<links { engine.press(.character("u"), on: &state) }
    engine.press(.character(" "), on: &state)
    #expect(state.positions == [4, 8, 6])
    #expect(!state.isBusy)
    engine.press(.character(" "), on: &state)
    #expect(state.positions == [4, 8, 6], "and replays from the noise")
  }

  @Test("playing an unlinked run leaves the others where they are") mutating func playUnlinked() {
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .character("u"), .character(" "), on: &state)
    #expect(state.positions == [4, 0])
    #expect(!state.isBusy)
  }

  @Test("an added run joins the others by the link") mutating func joins() {
    var state = state(steps: [4, 8])
    engine.press(.character("u"), .right, .character("1"), .character("n"), .character("8"), .enter, on: &state)
    #expect(state.panes.map(\.stepCount) == [8, 8])
    #expect(state.positions == [2, 2])
    engine.press(.character("c"), on: &state)
    #expect(state.positions == [2, 2, 2])
  }

  @Test("a click on the timeline moves linked runs too", arguments: [(0, [3, 3]), (1, [3, 6]), (2, [3, 2])])
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
