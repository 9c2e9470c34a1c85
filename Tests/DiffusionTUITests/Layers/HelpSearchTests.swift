import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Search in help") struct HelpSearchTests {
  private func searching(_ text: String, _ columns: Int = 80, _ rows: Int = 24, from keys: [Key] = []) -> State {
    var engine = SmilingEngine()
    var state = Scenes.after(2, columns, rows, steps: 4, engine: &engine)
    for key in keys + [.character("/")] + text.map({ Key.character($0) }) { engine.press(key, on: &state) }
    return state
  }

  private func lines(_ state: State) -> [String] {
    FrameText(view(state)).text.split(separator: "\n").map(String.init)
  }

  @Test("leaves the lines with every word, under their headings", arguments: [(80, 24), (100, 30), (200, 60)])
  func matches(columns: Int, rows: Int) {
    for keys in [[], [Key.character("?")]] {
      let screen = lines(searching("ZOOM  pixels", columns, rows, from: keys))
      #expect(screen.contains { $0.contains("zoom in, down to single pixels") })
      #expect(
        screen.contains { $0.contains("See more") } && screen.contains { $0.contains("search help: ZOOM  pixels") })
      #expect(!screen.contains { $0.contains("play and pause") } && !screen.contains { $0.contains("Playback") })
    }
  }

  @Test("finds an action by its name", arguments: KeyMap.standard.bindings.map(\.name))
  func names(name: String) throws {
    let binding = try #require(KeyMap.standard.binding(named: name))
    let screen = lines(searching(name.replacing("-", with: " "), 200, 60))
    #expect(screen.contains { $0.contains(binding.help.prefix(30)) })
  }

  @Test("highlights what was typed, in keys and in words") func highlights() {
    let state = searching("ctrl")
    let frame = view(state)
    let row = (0..<24).first { frame.text(row: $0).contains("Ctrl-Z") }
    let found = (0..<80).filter { frame[$0, row ?? 0].style.attributes.contains(.reverse) }.map {
      frame[$0, row ?? 0].character
    }
    #expect(String(found) == "Ctrl")
  }

  @Test("letters are text; Esc ends the search, and again closes help") func escape() {
    var engine = SmilingEngine()
    var state = searching("qt", from: [.character("?")])
    #expect(state.helpSearch == "qt" && state.theme.name == "dark")
    engine.press(.backspace, .escape, on: &state)
    #expect(state.topLayer?.kind == .help && lines(state).contains { $0.contains("play and pause") })
    engine.press(.escape, on: &state)
    #expect(state.layers == [])
    engine.press(.character("/"), .backspace, on: &state)
    #expect(state.topLayer?.kind == .help, "Backspace without a text ends it as well")
  }

  @Test("says where nothing matches, scrolls what does, and takes a paste") func rest() {
    var engine = SmilingEngine()
    var state = searching("xyzzy")
    #expect(lines(state).contains { $0.contains("no line of help has 'xyzzy'") })
    engine.press(.control("u"), .down, .pageDown, on: &state)
    #expect(state.helpScroll ?? 0 > 1 && state.helpSearch == "")
    _ = reduce(&state, .paste(String(repeating: "step ", count: 13_000)))
    #expect(state.helpSearch?.count == 256 && state.helpScroll == 0)
    #expect(lines(state).contains { $0.contains("one step forward") })
  }
}
