import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Rebinding keys") struct RebindingTests {
  @Test("dispatch, the footer and help follow the new keys") func follows() throws {
    var engine = SmilingEngine()
    var state = Scenes.started(200, 60, engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["step-forward": [.function(5), .character("w")], "edit-seed": []])
    #expect(FrameText(view(state)).text.contains("F5 step"))
    engine.press(.right, on: &state)
    #expect(state.position == 0)
    engine.press(.character("w"), on: &state)
    #expect(state.position == 1)
    engine.press(.character("?"), on: &state)
    let help = FrameText(view(state)).text
    #expect(help.contains("F5 w"))
    #expect(help.contains(/no key +edit the seed/))
  }

  @Test("keys that version 0.1.0 left free can be given to its actions, and the newer ones keep their others")
  func formerConfigurations() throws {
    let map = try KeyMap.standard.rebound([
      "step-forward": [.right, .pageDown], "zoom-in": [.character("S")], "zoom-out": [.pageUp],
    ])
    #expect(map.action(for: .pageDown) == .playback(.stepForward))
    #expect(map.action(for: .character("S")) == .inspect(.zoomIn))
    #expect(map.binding(named: "leap-forward")?.keys == [] && map.binding(named: "edit-scheduler")?.keys == [])
    // One that the file names does not give way.
    #expect(throws: DiffusionError.self) {
      try KeyMap.standard.rebound(["step-forward": [.pageDown], "leap-forward": [.pageDown]])
    }
  }

  @Test("two keys can be swapped") func swap() throws {
    let map = try KeyMap.standard.rebound(["quit": [.character("r")], "restart": [.character("q")]])
    #expect(map.action(for: .character("r")) == .program(.quit))
    #expect(map.action(for: .character("q")) == .run(.restart))
  }

  @Test(
    "an invalid binding is refused, with both names",
    arguments: [
      (["step-forward": [Key.character("r")]], ["keys.step-forward", "\"r\"", "restart"]),
      (["slower": [.character("w")], "faster": [.character("w")]], ["keys.faster", "\"w\"", "slower"]),
      (["restart": [.control("c")]], ["keys.restart", "\"ctrl-c\"", "quit"]),
      (["restart": [.control("z")]], ["keys.restart", "\"ctrl-z\"", "suspend"]),
      (["step-foward": [.character("w")]], ["keys.step-foward", "did you mean step-forward?"]),
    ] as [([String: [Key]], [String])]) func refused(keys: [String: [Key]], words: [String]) throws
  {
    let error = try #require(throws: DiffusionError.self) { try KeyMap.standard.rebound(keys) }
    for word in words { #expect(error.message.contains(word), "\(error)") }
    #expect(error.kind == .badData)
  }

  @Test("Ctrl-C quits whatever the keys are") func alwaysQuits() throws {
    var engine = SmilingEngine()
    var state = Scenes.started(engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["quit": [.function(10)]])
    #expect(reduce(&state, .key(.control("c"))) == [.quit])
    #expect(reduce(&state, .key(.character("q"))) == [])
    #expect(reduce(&state, .key(.function(10))) == [.quit])
  }
}
