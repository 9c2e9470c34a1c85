import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("What lies on top") struct LayerTests {
  private var engine = SmilingEngine()

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private func footer(_ state: State) -> String {
    String(
      text(state).split(separator: "\n", omittingEmptySubsequences: false).last { $0.contains { $0 != " " } } ?? "")
  }

  /// A lesson whose second run stands, finished.
  private mutating func lesson() -> State {
    var state = LessonScenes.opened(80, 30, engine: &engine)
    engine.press(.character("c"), .end, on: &state)
    return state
  }

  @Test(
    "in a lesson Esc closes what was opened on it, and leaves the lesson and its runs alone",
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
    engine.press(.escape, on: &state)
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

  @Test("and in the list of lessons closes the list") mutating func quitInTheList() {
    var state = Scenes.started(engine: &engine)
    let screen = text(state)
    engine.press(.character("L"), on: &state)
    #expect(reduce(&state, .key(.character("q"))) == [])
    #expect(text(state) == screen)
  }

  @Test("the footer has the keys of the menu that is open on the gallery") mutating func menuOnTheGallery() {
    var state = Scenes.after(2, 100, 30, steps: 4, engine: &engine)
    engine.press(.character("G"), .character("x"), on: &state)
    #expect(footer(state).contains("Enter choose") && !footer(state).contains("other seeds"))
    engine.press(.character("p"), on: &state)
    #expect(footer(state).contains("Enter write"))
    engine.press(.escape, .escape, on: &state)
    #expect(footer(state).contains("G other seeds"))
  }

  @Test(
    "the last line of the screen has the keys of what lies on top",
    arguments: Layer.Kind.allCases.filter { $0 != .lessonList })
  mutating func footers(kind: Layer.Kind) {
    var state = LayerScenes.started(200, 60, engine: &engine)
    LayerScenes.open(kind, on: &state, engine: &engine)
    #expect(state.topLayer?.kind == kind)
    #expect(text(state).contains(LayerScenes.footer(of: kind)))
    #expect(StateInvariants.brokenFooter(of: state) == nil)
  }

  /// Every pair of which the second is opened by keys that the first passes on.
  private static let pairs = Layer.Kind.allCases.filter { !$0.isModal }.flatMap { lower in
    Layer.Kind.allCases.filter { $0 != lower && $0 != .lesson && $0 != .lessonList }.map { (lower, $0) }
  }

  @Test("of two layers Esc closes the one on top, and then the other", arguments: pairs)
  mutating func escapes(lower: Layer.Kind, upper: Layer.Kind) {
    var state = LayerScenes.started(engine: &engine)
    let base = text(state)
    LayerScenes.open(lower, on: &state, engine: &engine)
    let below = state
    LayerScenes.open(upper, on: &state, engine: &engine)
    // Looking closer is for runs, which the gallery hides: it says so.
    guard state.topLayer?.kind == upper else {
      #expect(lower == .gallery && [.threeUp, .zoom].contains(upper) && state.layers == below.layers)
      #expect(state.notice?.contains("that is for runs") == true)
      return
    }
    #expect(StateInvariants.brokenFooter(of: state) == nil)
    #expect(StateInvariants.brokenEscape(from: state) == nil)
    engine.press(.escape, on: &state)
    // What takes the place of help closes it.
    let isHelpGone = lower == .help && ![.exports, .palette, .writing].contains(upper)
    #expect(state.layers.map(\.kind) == (isHelpGone ? [] : [lower]))
    #expect(state.panes == below.panes && StateInvariants.brokenFooter(of: state) == nil)
    if !isHelpGone { engine.press(.escape, on: &state) }
    engine.press(.function(5), on: &state)
    #expect(state.layers == [] && text(state) == base)
  }

  @Test("Enter and the arrows on a lesson's last text are those of what is open on it") mutating func lastText() {
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

  @Test("a key that is typed where the lesson did not ask is none of its keys") mutating func asides() {
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

  @Test("a file that is written is stopped by Esc before the gallery, a zoom or a lesson is left")
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

  @Test("the wheel scrolls help, and steps no run beneath it") mutating func wheel() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.press(.character("?"), on: &state)
    for kind in [MouseEvent.Kind.wheelDown, .wheelDown, .wheelUp] {
      #expect(reduce(&state, .mouse(MouseEvent(kind, column: 10, row: 10, button: .left))) == [])
    }
    #expect(state.helpScroll == 1 && state.position == 2)
  }

  @Test("a key that closes is the one of the table, and where keys are typed Esc") mutating func rebound() throws {
    var state = LayerScenes.started(engine: &engine)
    state.keyMap = try KeyMap.standard.rebound(["close": [.function(10)], "restart": [.escape]])
    engine.press(.character("z"), .character("n"), .function(10), on: &state)
    #expect(state.topLayer?.kind == .editor)
    engine.press(.escape, .function(10), on: &state)
    #expect(state.layers == [])
  }
}
