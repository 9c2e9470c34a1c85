import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Undo") struct UndoTests {
  private var engine = SmilingEngine()
  private static let undo = Key.character("U"), redo = Key.control("r")

  private mutating func type(_ text: String, on state: inout State) {
    for character in ":" + text { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
  }

  @Test(
    "takes back a change of any setting, goes back to its step, and says what it did",
    arguments: [
      ("seed 7", "undone: seed is 42, not 7"), ("steps 6", "undone: steps is 8, not 6"),
      ("eta 0.5", "undone: eta is 0, not 0.5"), ("scheduler euler", "undone: scheduler is own, not euler"),
      ("device cpu:portable", "undone: device is cpu, not cpu:portable"),
      ("noise cuda", "undone: noise is cpu, not cuda"),
      ("variation 9 0.5", "undone: variation is off, not 9 x 0.5"),
    ])
  mutating func settings(command: String, news: String) {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    let former = state.pane.request
    type(command, on: &state)
    #expect(state.pane.request != former && state.position == (command.hasPrefix("device") ? 3 : 0))
    let changed = state.pane.request
    engine.press(Self.undo, on: &state)
    #expect(state.pane.request == former && state.position == 3 && state.news == news, "\(state.news ?? "")")
    engine.press(Self.redo, on: &state)
    #expect(state.pane.request == changed && state.news?.hasPrefix("done again: ") == true)
    engine.press(Self.undo, on: &state)
    #expect(state.pane.request == former)
    engine.press(Self.undo, on: &state)
    #expect(state.notice == "there is no change of settings to take back" && state.pane.request == former)
  }

  @Test("takes back one change after the other; a new one ends what can be done again") mutating func several() {
    var state = Scenes.started(steps: 8, engine: &engine)
    for seed in 1...3 { type("seed \(seed)", on: &state) }
    engine.press(Self.undo, Self.undo, on: &state)
    #expect(state.settings.seeds == [1])
    engine.press(.character("R"), on: &state)
    engine.press(Self.redo, on: &state)
    #expect(state.notice == "there is no change of settings that was taken back")
    engine.press(Self.undo, on: &state)
    #expect(state.settings.seeds == [1])
    engine.press(Self.undo, on: &state)
    #expect(state.settings.seeds == [42])
  }

  @Test("opens a closed run again in its place, and closes an added one; the others keep their steps")
  mutating func panes() {
    var state = Scenes.comparing(seeds: [1, 2, 3], engine: &engine)
    engine.press(.right, .right, .tab, .character("C"), on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[1], [3]])
    let kept = [0, 1].map { state.panes[$0].run?.number }
    engine.press(Self.undo, on: &state)
    #expect(state.panes.map(\.settings.seeds) == [[1], [2], [3]] && state.positions == [2, 2, 2] && state.focus == 1)
    #expect(state.news == "undone: run 2, seed 2, is back")
    #expect([0, 2].map { state.panes[$0].run?.number } == kept, "those on the screen are not started again")
    engine.press(.character("c"), on: &state)
    #expect(state.panes.count == 4)
    let added = state.panes[3].runNumbers
    let effects = reduce(&state, .key(Self.undo))
    #expect(state.panes.count == 3 && state.news == "undone: run 4, seed 3, is closed")
    #expect(effects.contains(.discard(runs: added)))
    engine.press(Self.redo, on: &state)
    #expect(state.panes.count == 4)
  }

  @Test("a change that failed is none") mutating func failed() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    type("seed 7", on: &state)
    engine.failure = "no room"
    type("steps 6", on: &state)
    #expect(state.settings.steps == 8)
    engine.failure = nil
    engine.press(Self.undo, on: &state)
    #expect(state.settings.seeds == [42] && state.settings.steps == 8)
  }

  @Test("does not reach into a lesson, or out of it") mutating func lessons() {
    var state = LessonScenes.started(120, 40, engine: &engine)
    type("seed 7", on: &state)
    engine.press(.character("L"), .enter, on: &state)
    #expect(state.lesson != nil)
    let request = state.pane.request
    engine.press(Self.undo, on: &state)
    #expect(state.pane.request == request && state.notice?.contains("no change") == true)
    engine.press(.escape, Self.undo, on: &state)
    #expect(state.lesson == nil && state.settings.seeds != [7])
  }

  @Test("works from the palette and in lines without a screen") mutating func commands() throws {
    var state = Scenes.started(steps: 8, engine: &engine)
    type("seed 7", on: &state)
    type("undo", on: &state)
    #expect(state.settings.seeds == [42])
    #expect(try PlainGrammar(state).request("undo", "") == .action(.run(.undo)))
  }
}
