import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Keys") struct KeyMapTests {
  @Test("no key has two meanings") func unambiguous() {
    let keys = KeyMap.standard.bindings.flatMap(\.keys)
    #expect(Set(keys).count == keys.count)
  }

  @Test("every row is in help and reaches the reducer") func everyRow() {
    var engine = SmilingEngine()
    let state = Scenes.started(200, 60, engine: &engine)
    var help = state
    engine.press(.character("?"), on: &help)
    let text = FrameText(view(help)).text
    for binding in KeyMap.standard.bindings {
      #expect(text.contains(binding.help))
      for key in binding.keys where key != .control("z") {
        #expect(KeyMap.standard.action(for: key) == binding.action)
      }
    }
  }

  @Test("every action has a unique name of lowercase words") func names() {
    let names = KeyMap.standard.bindings.map(\.name)
    #expect(Set(names).count == names.count)
    for name in names { #expect(name.wholeMatch(of: /[a-z]{4,}(-[a-z0-9]+)*/) != nil, "\(name)") }
  }

  @Test("keys are parsed by name") func parsing() throws {
    let keys = try KeySequence(parsing: "space right  s 4 2 enter esc home End ? backspace").keys
    #expect(
      keys == [
        .character(" "), .right, .character("s"), .character("4"), .character("2"), .enter, .escape, .home, .end,
        .character("?"), .backspace,
      ])
  }

  @Test("a word that is not a key is named") func wrongWord() {
    #expect(throws: DiffusionError.self) { try KeySequence(parsing: "right rihgt") }
    do { _ = try KeySequence(parsing: "rihgt") } catch { #expect(String(describing: error).contains("'rihgt'")) }
  }
}
