import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

/// Long text that arrives at once, pasted or typed: one edit, in time proportional to its length.
@Suite("Long pastes") struct PasteTests {
  private static let letters = String(repeating: "a", count: 65_536)

  /// The keys that open each place where text is typed, and the text typed there so far.
  private static let entries: [(name: String, keys: [Key], text: @Sendable (State) -> String?)] = [
    ("the palette", [.character(":")], { $0.palette?.query }),
    ("a setting", [.character("e")], { $0.editor?.text }),
    ("the model", [.character("O")], { $0.editor?.text }),
    ("a file's name", [.character("x"), .character("p"), .control("u")], { $0.exportMenu?.naming?.text }),
    ("the gallery's seeds", [.character("G"), .character("G"), .control("u")], { $0.palette?.query }),
  ]

  @Test("are one edit wherever text is typed", arguments: entries.indices) func entry(index: Int) throws {
    var engine = SmilingEngine()
    var state = Scenes.after(2, steps: 4, engine: &engine)
    let entry = Self.entries[index]
    for key in entry.keys { engine.press(key, on: &state) }
    #expect(state.isTyping)
    #expect(reduce(&state, .paste(Self.letters)) == [])
    let text = try #require(entry.text(state))
    #expect(!text.isEmpty && text.count <= 1024 && text.allSatisfy { $0 == "a" }, "\(entry.name): \(text.count)")
    #expect(state.notice?.contains("at most 65536 characters") == true)
    #expect(state.editor == nil || FrameText(view(state)).text.contains("left out"))
    engine.press(.control("u"), on: &state)
    for character in "aaaa" { engine.press(.character(character), on: &state) }
    let typed = entry.text(state)
    engine.press(.control("u"), on: &state)
    _ = reduce(&state, .paste("aaaa"))
    #expect(entry.text(state) == typed, "typed and pasted text differ in \(entry.name)")
  }

  @Test("of characters with any number of marks are cut") func marks() throws {
    var engine = SmilingEngine()
    var state = Scenes.after(2, steps: 4, engine: &engine)
    engine.press(.character(":"), on: &state)
    for _ in 0..<3 { _ = reduce(&state, .paste("e" + String(repeating: "\u{301}", count: 65_535))) }
    #expect(try #require(state.palette).query.unicodeScalars.count == 1024)
    #expect(view(state).size == state.size)
  }

  @Test("take seeds and slider keys in a variation, and draw its noise once") func variation() throws {
    var engine = SmilingEngine()
    var state = Scenes.started(steps: 4, engine: &engine)
    engine.press(.character("b"), on: &state)
    #expect(reduce(&state, .paste("12>>>")).count == 1)
    #expect(state.variationEditor?.seed == "12" && state.variationEditor?.strength == 0.03)
    _ = reduce(&state, .paste(String(repeating: "7", count: 65_536)))
    #expect(state.variationEditor?.seed.count == 20)
  }

  @Test("rank no command while they are typed; a key that needs the list ranks once") func rankings() {
    var engine = SmilingEngine()
    let context = CommandContext(Scenes.after(3, steps: 8, engine: &engine))
    var palette = CommandPalette(), rankings = 0
    func counted() -> CommandContext {
      rankings += 1
      return context
    }
    for _ in 0..<1000 { _ = palette.press(.character("s"), in: counted()) }
    palette.insert(Self.letters)
    _ = palette.press(.control("u"), in: counted())
    #expect(rankings == 0)
    for (key, count) in [(Key.down, 1), (.tab, 2), (.enter, 3)] {
      _ = palette.press(key, in: counted())
      #expect(rankings == count, "after \(key)")
    }
  }

  @Test(
    "are one action and one frame, typed too, and Ctrl-C behind them ends the explorer",
    arguments: [4000, 70_000])
  func burst(count: Int) {
    let clock = FakeClock()
    let keys = Array(repeating: FakeTerminal.Scene.key("a"), count: count)
    var terminal = FakeTerminal(
      size: Size(columns: 80, rows: 24), clock: clock,
      script: [.until("paused"), .key(":"), .until(":_")] + keys + [.event(.key(.control("c"))), .key("q")])
    var state = State(
      size: terminal.size, capabilities: terminal.capabilities,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 3, threads: 1)))
    let effects = state.start()
    let environment = ExplorerEnvironment(
      now: { clock.now }, drawSeed: { 7 }, makeEngine: { FakeEngine(controls: FakeEngine.Controls()) })
    var actions: [Action] = []
    var explorer = Explorer(
      state: state, environment: environment,
      reduce: { state, action in
        actions.append(action)
        return reduce(&state, action)
      },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) }, isTyping: \.isTyping)
    let end = explorer.run(on: &terminal, effects: effects)
    let pastes = actions.filter { if case .paste = $0 { true } else { false } }
    #expect(terminal.unmet == nil && actions.last == .key(.control("c")))
    #expect(pastes.count == (count + 65_535) / 65_536 && terminal.frames.count <= 6)
    #expect(end.palette?.query.count == 1024)
  }

  @Test("mean keys where no text is typed: each has its effect") func keys() {
    let clock = FakeClock()
    var terminal = FakeTerminal(
      size: Size(columns: 80, rows: 24), clock: clock,
      script: [.until("paused")] + Array(repeating: .key("l"), count: 3) + [.until("step 3/9"), .key("q")])
    var state = State(
      size: terminal.size, capabilities: terminal.capabilities,
      run: RunRequest(settings: RunSettings(seeds: [5], steps: 9, threads: 1)))
    let effects = state.start()
    let environment = ExplorerEnvironment(
      now: { clock.now }, drawSeed: { 7 }, makeEngine: { FakeEngine(controls: FakeEngine.Controls()) })
    var explorer = Explorer(
      state: state, environment: environment, reduce: { reduce(&$0, $1) },
      view: { view($0, size: $1, capabilities: $2, theme: $0.theme) }, isTyping: \.isTyping)
    explorer.run(on: &terminal, effects: effects)
    #expect(terminal.unmet == nil)
  }
}
