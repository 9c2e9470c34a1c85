import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Runs changed one after another") struct ChangedRunsTests {
  private var engine = SmilingEngine()

  /// Answers until no step is waited for.
  private mutating func finish(_ state: inout State) {
    engine.answersSteps = true
    for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
  }

  @Test("both go on to where the cursor was", arguments: [0, 1]) mutating func catchUp(links: Int) {
    var state = Scenes.comparing(seeds: [0, 1], steps: 12, engine: &engine)
    for _ in 0..<links { engine.press(.character("u"), on: &state) }
    engine.press(.end, on: &state)
    engine.answersSteps = false
    engine.press(.character("1"), .character("s"), .character("5"), .enter, on: &state)
    #expect(state.positions == [0, 12])
    engine.press(.character("2"), .character("s"), .character("6"), .enter, on: &state)
    finish(&state)
    #expect(state.panes.map(\.settings.seeds) == [[5], [6]])
    #expect(state.positions == [12, 12])
  }

  @Test("the second one joins the first on its way, not where that is") mutating func onItsWay() {
    var state = Scenes.comparing(seeds: [0, 1], steps: 12, engine: &engine)
    for _ in 0..<9 { engine.press(.right, on: &state) }
    engine.answersSteps = false
    engine.press(.character("2"), .character("R"), on: &state)
    for _ in 0..<3 {
      for action in engine.finishStep() { engine.carryOut(reduce(&state, action), on: &state) }
    }
    #expect(state.positions == [9, 3])
    engine.press(.character("1"), .character("R"), on: &state)
    finish(&state)
    #expect(state.positions == [9, 9])
  }

  @Test("a key for the end that is pressed while the first starts holds for the second") mutating func endMeanwhile() {
    var state = Scenes.comparing(seeds: [0, 1], steps: 12, engine: &engine)
    let first = reduce(&state, .run(.restart))
    engine.press(.end, .character("2"), on: &state)
    let second = reduce(&state, .run(.restart))
    engine.carryOut(first + second, on: &state)
    #expect(state.positions == [12, 12])
  }
}
