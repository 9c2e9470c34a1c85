import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Layers") struct LayerTests {
  private var engine = SmilingEngine()

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private func footer(_ state: State) -> String {
    String(
      text(state).split(separator: "\n", omittingEmptySubsequences: false).last { $0.contains { $0 != " " } } ?? "")
  }

  /// A lesson with a third run, added and finished.
  private mutating func lesson() -> State {
    var state = LessonScenes.opened(80, 30, engine: &engine)
    engine.press(.character("c"), .end, on: &state)
    return state
  }

  @Test(
    "in a lesson, Esc closes what was opened over it and leaves the lesson and its runs alone",
    arguments: ["x", "b", "z", "G", "T", "n", ":", "?"])
  mutating func onALesson(key: Character) {
    var state = lesson()
    let (before, screen) = (state, text(state))
    engine.press(.character(key), on: &state)
    #expect(text(state) != screen, "\(key) opens something")
    engine.press(.escape, on: &state)
    #expect(state.lesson?.lesson.name == "test")
    #expect(state.panes == before.panes)
    #expect(text(state) == screen, "what \(key) opened is closed")
    engine.press(.escape, .escape, on: &state)
    #expect(state.lesson == nil)
  }

  @Test("the gallery in a lesson keeps its footer and its status", arguments: [(80, 30), (130, 40), (60, 20)])
  mutating func galleryInALesson(columns: Int, rows: Int) {
    var state = LessonScenes.opened(columns, rows, engine: &engine)
    engine.press(.character("G"), on: &state)
    #expect(text(state).contains("Enter open") && text(state).contains("Esc leave"))
    #expect(text(state).contains("seed 1") && text(state).contains("A test"))
  }

  @Test("q in help closes help", arguments: [80, 200]) mutating func quitInHelp(columns: Int) {
    var state = Scenes.started(columns, 30, engine: &engine)
    let screen = text(state)
    engine.press(.character("?"), on: &state)
    #expect(reduce(&state, .key(.character("q"))) == [])
    #expect(text(state) == screen)
    #expect(reduce(&state, .key(.character("q"))) == [.quit])
  }

  @Test("q in the list of lessons closes the list") mutating func quitInTheList() {
    var state = Scenes.started(engine: &engine)
    let screen = text(state)
    engine.press(.character("L"), on: &state)
    #expect(reduce(&state, .key(.character("q"))) == [])
    #expect(text(state) == screen)
  }

  @Test("the footer has the keys of a menu opened over the gallery") mutating func menuOnTheGallery() {
    var state = Scenes.after(2, 100, 30, steps: 4, engine: &engine)
    engine.press(.character("G"), .character("x"), on: &state)
    #expect(footer(state).contains("Enter choose") && !footer(state).contains("other seeds"))
    engine.press(.character("p"), on: &state)
    #expect(footer(state).contains("Enter write"))
    engine.press(.escape, .escape, on: &state)
    #expect(footer(state).contains("G other seeds"))
  }

  @Test(
    "the last line of the screen has the keys of the top layer",
    arguments: Layer.Kind.allCases.filter { $0 != .lessonList })
  mutating func footers(kind: Layer.Kind) {
    var state = LayerScenes.started(200, 60, engine: &engine)
    LayerScenes.open(kind, on: &state, engine: &engine)
    #expect(state.topLayer?.kind == kind)
    #expect(text(state).contains(LayerScenes.footer(of: kind)))
    #expect(StateInvariants.brokenFooter(of: state) == nil)
  }

  /// Every pair in which the lower layer passes on the keys that open the upper one. A search lies on help alone.
  private static let pairs = Layer.Kind.allCases.filter { !$0.isModal }.flatMap { lower in
    Layer.Kind.allCases.filter { ![lower, .lesson, .lessonList, .search].contains($0) }.map { (lower, $0) }
  }

  @Test("Esc closes the upper of two layers first, then the lower", arguments: pairs)
  mutating func escapes(lower: Layer.Kind, upper: Layer.Kind) throws {
    var state = LayerScenes.started(engine: &engine)
    let base = text(state)
    LayerScenes.open(lower, on: &state, engine: &engine)
    let below = state
    LayerScenes.open(upper, on: &state, engine: &engine)
    // Zooming and branching are for runs, which the gallery hides, and a lesson's are finished; attention is shown
    // whole. The notice says so.
    guard state.topLayer?.kind == upper else {
      // The gallery starts no run.
      if lower == .gallery, upper == .download { return }
      let reasons: [(isHere: Bool, text: String)] = [
        (lower == .gallery && [.threeUp, .attention, .zoom, .branch].contains(upper), "that is for runs"),
        (lower == .sweep && ![.help, .palette, .download].contains(upper), "that is for runs"),
        (lower == .lesson && upper == .branch, "no step is left"),
        (lower == .attention && upper == .zoom, "the maps are shown whole"),
        (lower == .download && upper == .branch, "there is no run to branch from yet"),
      ]
      let reason = try #require(reasons.first(where: \.isHere)?.text)
      #expect(state.layers == below.layers && state.notice?.contains(reason) == true)
      return
    }
    #expect(StateInvariants.brokenFooter(of: state) == nil)
    #expect(StateInvariants.brokenEscape(from: state) == nil)
    engine.press(.escape, on: &state)
    // A layer that takes the place of help closes it.
    let isHelpGone = lower == .help && ![.exports, .palette, .writing, .download].contains(upper)
    #expect(state.layers.map(\.kind) == (isHelpGone ? [] : [lower]))
    #expect(state.panes == below.panes && StateInvariants.brokenFooter(of: state) == nil)
    if !isHelpGone { engine.press(.escape, on: &state) }
    // A lesson asks first, and says how to take it up again.
    if lower == .lesson { engine.press(.escape, on: &state) }
    (state.notice, state.news) = (nil, nil)
    #expect(state.layers == [] && text(state) == base)
  }

  @Test("on a lesson's last text, Enter and the arrows go to the layer above it") mutating func lastText() {
    var state = LessonScenes.started(80, 30, engine: &engine)
    state.lessonFiles["zz"] = LessonScenes.text
    engine.press(
      .character("L"), .enter, .right, .right, .character("s"), .character("7"), .enter, .character("x"), .down, .enter,
      on: &state)
    #expect(state.lesson?.lesson.name == "test" && state.lesson?.isLast == true)
    #expect(state.exportMenu?.naming?.kind == .png)
    engine.press(.escape, .escape, .character("G"), .right, .enter, on: &state)
    #expect(state.lesson?.lesson.name == "test")
    #expect(state.settings.seeds == [8])
  }

  @Test("a key typed elsewhere does not count as one the lesson awaits") mutating func asides() {
    var state = LessonScenes.opened(80, 30, engine: &engine)
    engine.press(.right, .right, on: &state)
    #expect(state.lesson?.nextKey == .character("s"))
    for opener in ["x", ":", "n", "b"] {
      engine.press(.character(Character(opener)), .character("s"), on: &state)
      #expect(state.lesson?.pressed == 0, "s after \(opener) leads on")
      while state.isModal { engine.press(.escape, on: &state) }
    }
    engine.press(.character("s"), .character("7"), .enter, on: &state)
    #expect(state.lesson?.isLast == true)
  }

  @Test("Esc stops writing a file before it leaves the gallery, a zoom or a lesson")
  mutating func writing() {
    for kind in [Layer.Kind.gallery, .zoom, .lesson, .help] {
      var state = LayerScenes.started(engine: &engine)
      LayerScenes.open(kind, on: &state, engine: &engine)
      LayerScenes.open(.writing, on: &state, engine: &engine)
      #expect(text(state).contains("Esc stops it"))
      let effects = reduce(&state, .key(.escape))
      #expect(effects.count == 1 && state.exportTask == nil && state.topLayer?.kind == kind, "\(kind): \(effects)")
    }
  }

  @Test("a click beside help on the gallery steps no run beneath it") mutating func clickOnHelp() {
    var state = LayerScenes.started(80, 24, engine: &engine)
    engine.press(.home, .character("G"), .character("?"), on: &state)
    let before = state
    for row in 0..<24 {
      for column in stride(from: 0, to: 80, by: 4) {
        let effects = reduce(&state, .mouse(MouseEvent(.press, column: column, row: row, button: .left)))
        #expect(effects == [])
      }
    }
    #expect(state.panes == before.panes && state.layers == before.layers)
  }

  @Test("the wheel scrolls help and steps no run under it") mutating func wheel() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.press(.character("?"), on: &state)
    for kind in [MouseEvent.Kind.wheelDown, .wheelDown, .wheelUp] {
      #expect(reduce(&state, .mouse(MouseEvent(kind, column: 10, row: 10, button: .left))) == [])
    }
    #expect(state.helpScroll == 1 && state.position == 2)
  }

  @Test("layers close with the key of the key table, and with Esc while text is typed") mutating func rebound() throws {
    var state = LayerScenes.started(engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["close": [.function(10)], "restart": [.escape]])
    engine.press(.character("z"), .character("n"), .function(10), on: &state)
    #expect(state.topLayer?.kind == .editor)
    engine.press(.escape, .function(10), on: &state)
    #expect(state.layers == [])
  }
}
