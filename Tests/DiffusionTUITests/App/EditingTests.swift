import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Editing in place") struct EditingTests {
  var engine = SmilingEngine()

  private mutating func type(_ text: String, after opening: Character, on state: inout State) {
    engine.press(.character(opening), on: &state)
    for character in text { engine.press(.character(character), on: &state) }
    engine.press(.enter, on: &state)
  }

  @Test(
    "a valid value restarts the run from its noise", arguments: [("s", "-1"), ("n", "10"), ("e", "0.5"), ("g", "cuda")])
  mutating func accepts(key: String, value: String) throws {
    var state = Scenes.after(2, engine: &engine)
    type(value, after: try #require(key.first), on: &state)
    let setting = try #require(["s": Setting.seeds, "n": .steps, "e": .eta, "g": .generatorDevice][key])
    #expect(setting.text(of: state.pane.request) == value)
    #expect(state.position == 0)
    #expect(state.completedSteps == 0)
    #expect(state.editor == nil)
  }

  @Test(
    "an invalid value says why and keeps the old one",
    arguments: [
      ("s", "1.5", "whole number"), ("s", "18446744073709551616", "2^64-1"), ("n", "0", "1 to 1000"),
      ("n", "1001", "1 to 1000"), ("e", "1.5", "0 to 1"), ("e", "0,5", "decimal"), ("e", "nan", "decimal"),
      ("e", "0x1", "decimal"), ("d", "cuda", "unavailable"), ("d", "tpu", "not one of cpu, cpu:avx512"),
      ("g", "mps", "not one of cpu, cuda"),
    ])
  mutating func refuses(key: String, value: String, reason: String) throws {
    var state = Scenes.after(2, engine: &engine)
    let before = state.settings
    type(value, after: try #require(key.first), on: &state)
    #expect(state.editor?.error?.contains(reason) == true)
    #expect(state.settings == before)
    #expect(state.position == 2)
    engine.press(.escape, on: &state)
    #expect(state.editor == nil)
    #expect(state.settings == before)
  }

  @Test("the first character replaces the old value, but a backspace edits it") mutating func firstKey() {
    var state = Scenes.started(engine: &engine)
    engine.press(.character("n"), .character("7"), on: &state)
    #expect(state.editor?.text == "7")
    engine.press(.escape, .character("n"), .backspace, .character("1"), on: &state)
    #expect(state.editor?.text == "51")
    engine.press(.control("u"), on: &state)
    #expect(state.editor?.text == "")
  }

  @Test("Up and Down step through numbers, Tab through names") mutating func neighbours() {
    var state = Scenes.started(engine: &engine)
    engine.press(.character("n"), .up, on: &state)
    #expect(state.editor?.text == "51")
    engine.press(.escape, .character("d"), on: &state)
    for device in Device.available.dropFirst() {
      engine.press(.tab, on: &state)
      #expect(state.editor?.text == device.description)
    }
    #expect(state.editor?.text == "cpu:reference")
    engine.press(.enter, on: &state)
    #expect(state.settings.device == .cpuReference)
  }

  @Test("the screen says why a device is unavailable") mutating func unavailable() {
    var state = Scenes.started(engine: &engine)
    type("cuda:99", after: "d", on: &state)
    #expect(FrameText(view(state)).text.contains("device 'cuda:99' is unavailable"))
    #expect(FrameText(view(state)).text.contains("device cpu "))
  }

  @Test("Tab completes a model's name, goes through those that begin with it, and says how many there are")
  mutating func completion() {
    var state = Scenes.started(engine: &engine)
    state.offer(["owner/one", "owner/two", "other/three"])
    engine.press(.character("O"), on: &state)
    #expect(FrameText(view(state)).text.contains("Tab: "))
    for character in "Own" { engine.press(.character(character), on: &state) }
    #expect(FrameText(view(state)).text.contains("Tab: 2"))
    for name in ["owner/one", "owner/two", "owner/one"] {
      engine.press(.tab, on: &state)
      #expect(state.editor?.text == name)
    }
    engine.press(.backTab, on: &state)
    #expect(state.editor?.text == "owner/two" && FrameText(view(state)).text.contains("Tab: 2 of 2"))
    engine.press(.character("x"), .tab, on: &state)
    #expect(state.editor?.text == "owner/twox" && state.editor?.error?.contains("begins with 'owner/twox'") == true)
  }

  @Test("what is left out of a long text is said", arguments: ["i", "O", ":"]) mutating func longText(_ key: Character)
  {
    engine.useLatents()
    var state = Scenes.prompted(["pizza"], steps: 4, 100, 30, engine: &engine)
    engine.press(.character(key), on: &state)
    engine.carryOut(reduce(&state, .paste(String(repeating: "a", count: 100_003))), on: &state)
    #expect(FrameText(view(state)).text.contains("characters are left out"))
    guard key == "i" else { return }
    #expect(state.editor?.text.utf8.count == 100_000 && state.editor?.error?.contains("last 3 characters") == true)
    engine.press(.backspace, on: &state)
    #expect(state.editor?.error == nil)
  }
}
