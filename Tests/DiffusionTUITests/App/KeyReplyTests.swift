import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Keys that people guess") struct KeyReplyTests {
  private var engine = SmilingEngine()

  /// Every key that a keyboard has.
  private static let keys: [Key] = {
    let typed = (33...126).compactMap { Unicode.Scalar($0) }.map { Key.character(Character($0)) }
    let control = "abdefghklnopqrstuvwxy".map { Key.control($0) }
    let function = (1...Key.functionKeyCount).map { Key.function($0) }
    let named: [Key] = [
      .left, .right, .up, .down, .home, .end, .pageUp, .pageDown, .enter, .escape, .tab, .backTab, .backspace, .delete,
      .shiftLeft, .shiftRight, .shiftUp, .shiftDown, .character(" "), .character("\u{E9}"),
    ]
    return typed + control + function + named
  }()

  /// Where the runs are when the keys are pressed.
  enum Place: CaseIterable { case noise, end, twoRuns, gallery, withoutRun }

  private mutating func state(at place: Place) -> State {
    if place == .withoutRun { engine.failure = "no such folder" }
    var state = Scenes.started(steps: 3, engine: &engine)
    switch place {
    case .noise: break
    case .end: engine.press(.end, on: &state)
    case .twoRuns: engine.press(.character("c"), on: &state)
    case .gallery: engine.press(.character("G"), on: &state)
    case .withoutRun: state.notice = nil
    }
    return state
  }

  @Test("each changes something or says why not, wherever the runs are", arguments: Place.allCases)
  mutating func answered(place: Place) {
    let state = state(at: place)
    // The second run has the focus already.
    for key in Self.keys where place != .twoRuns || key != .character("2") {
      var after = state
      #expect(!reduce(&after, .key(key)).isEmpty || after != state, "\(key.label)")
    }
  }

  @Test(
    "do what they do elsewhere",
    arguments: [
      (Key.enter, Key.right), (.backspace, .left), (.character("0"), .home), (.character("^"), .home),
      (.character("$"), .end), (.control("d"), .pageDown), (.control("u"), .pageUp), (.function(1), .character("?")),
    ])
  mutating func same(key: Key, usual: Key) {
    var state = Scenes.after(2, steps: 20, engine: &engine)
    var (other, second) = (state, engine)
    engine.press(key, on: &state)
    second.press(usual, on: &other)
    #expect(state.position == other.position && state.layers == other.layers)
  }

  @Test("Backspace moves in the gallery, not the run behind it") mutating func backspaceInGallery() {
    var state = Scenes.after(2, steps: 20, engine: &engine)
    engine.press(.character("G"), .right, .backspace, on: &state)
    #expect(state.gallery?.cursor == 0 && state.position == 2)
  }

  @Test("j and k go to the next run and the one before, and up and down in lists") mutating func vertical() {
    var state = Scenes.comparing(seeds: [1, 2, 3], engine: &engine)
    engine.press(.character("j"), on: &state)
    #expect(state.focus == 1)
    engine.press(.character("k"), .up, on: &state)
    #expect(state.focus == 2)
    _ = reduce(&state, .resize(Size(columns: 80, rows: 24)))
    engine.press(.character("G"), on: &state)
    let cursor = state.gallery?.cursor
    engine.press(.character("j"), on: &state)
    #expect(state.gallery?.cursor != cursor)
    engine.press(
      .character("k"), .escape, .character("?"), .character("j"), .character("j"), .character("k"), on: &state)
    #expect(state.helpScroll == 1)
  }

  @Test(
    "say what would do it",
    arguments: [
      ("w", "press x to write a file"), ("Q", "q is quit"), ("Y", "y is copy-command"), ("J", "press ? for all keys"),
    ])
  mutating func hints(key: Character, words: String) {
    var state = Scenes.after(2, steps: 4, engine: &engine)
    engine.press(.character(key), on: &state)
    #expect(state.notice?.contains(words) == true, "\(state.notice ?? "")")
    #expect(FrameText(view(state)).text.contains(words))
  }

  @Test(
    "in a single run name the key that adds another",
    arguments: ["u", "=", "D", "\t", "j", "k"])
  mutating func oneRun(key: Character) {
    var state = Scenes.after(2, steps: 4, engine: &engine)
    engine.press(key == "\t" ? .tab : .character(key), on: &state)
    #expect(state.notice?.contains("press c to add one") == true, "\(state.notice ?? "")")
    engine.press(.character("c"), key == "\t" ? .tab : .character(key), on: &state)
    #expect(state.notice?.contains("add one") != true)
  }

  @Test("a user's own keys come first") mutating func rebound() throws {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    state.keyMap = try KeyMap.standard.rebound([
      "step-forward": [.character("j")], "quit": [.character("/")], "restart": [.character("U"), .control("l")],
    ])
    engine.press(.character("j"), on: &state)
    #expect(state.position == 3)
    #expect(reduce(&state, .key(.character("/"))) == [.quit])
    #expect(state.keyMap.action(for: .character("U")) == .run(.restart))
  }

  @Test("Ctrl-L draws the whole screen again") mutating func redraw() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    #expect(reduce(&state, .key(.control("l"))) == [.redraw])
  }
}
