import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Key hints") struct KeyHintTests {
  private var engine = SmilingEngine()

  @Test("name the key for an action, or the command") mutating func keys() throws {
    var state = Scenes.after(1, steps: 4, engine: &engine)
    #expect(state.pressing(.playback(.stepForward)) == "press right")
    engine.press(.character("z"), on: &state)
    #expect(state.pressing(.playback(.stepForward)) == "press l")
    state.keyMap = try KeyMap.standard.rebound(["step-forward": [.function(2)], "restart": []])
    #expect(state.pressing(.playback(.stepForward)) == "press F2")
    #expect(state.pressing(.run(.restart)) == "type :restart")
  }

  @Test("follow rebound keys") mutating func rebound() throws {
    var state = Scenes.after(1, steps: 4, engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["quit": [.function(10)]])
    engine.press(.character("C"), on: &state)
    #expect(state.notice == "this is the only run: press F10 to quit")
  }

  @Test("do not suggest a step if there is no run", arguments: ["p p", "p p p", "P"])
  mutating func noRun(keys: String) throws {
    engine.failure = "no such folder"
    var state = Scenes.comparing(seeds: [1, 2], engine: &engine)
    for key in try KeySequence(parsing: keys).keys { engine.press(key, on: &state) }
    let text = FrameText(view(state)).text
    #expect(text.contains("no run yet") && !text.contains("press right"))
  }
}
