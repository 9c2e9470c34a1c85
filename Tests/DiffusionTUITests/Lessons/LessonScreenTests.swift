import DiffusionTUI
import Testing

@Suite("Screens of lessons") struct LessonScreenTests {
  @Test(
    "a lesson at every size",
    arguments: [(20, 5), (40, 12), (40, 40), (80, 24), (120, 40), (200, 60)])
  func sizes(columns: Int, rows: Int) throws {
    var engine = SmilingEngine()
    let state = LessonScenes.opened(columns, rows, engine: &engine)
    try Golden.check(view(state), "lesson-\(columns)x\(rows)", tier: .trueColor)
  }

  @Test("in ASCII without colours", arguments: [(80, 24), (120, 40)]) func plain(columns: Int, rows: Int) throws {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(columns, rows, engine: &engine)
    state.capabilities = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "TERM=vt100")
    try Golden.check(view(state), "lesson-plain-\(columns)x\(rows)", tier: .mono)
  }

  @Test("the list", arguments: [(20, 5), (80, 24), (120, 40)]) func list(columns: Int, rows: Int) throws {
    var engine = SmilingEngine()
    var state = Scenes.started(columns, rows, engine: &engine)
    engine.press(.character("L"), .down, on: &state)
    try Golden.check(view(state), "lessons-\(columns)x\(rows)", tier: .trueColor)
  }

  @Test("a text that does not fit scrolls to its end and no further") func scrolls() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(20, 5, engine: &engine)
    let most = LessonPanel.maximumScroll(state)
    #expect(most > 0)
    for _ in 0..<most + 3 { engine.press(.down, on: &state) }
    #expect(state.lesson?.scroll == most)
    #expect(FrameText(view(state)).text.contains("different"), "what was checked comes last")
    for _ in 0..<most + 3 { engine.press(.up, on: &state) }
    #expect(state.lesson?.scroll == 0)
    #expect(FrameText(view(state)).text.contains("The first paragraph"))
    #expect(state.lesson?.index == 0)
  }

  @Test("no size breaks it") func everySize() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    state.present()
    for columns in [1, 2, 7, 19, 31, 32, 60, 80, 111, 112, 160] {
      for rows in [1, 2, 3, 11, 12, 18, 19, 20, 24, 50] {
        let size = Size(columns: columns, rows: rows)
        _ = reduce(&state, .resize(size))
        #expect(view(state).size == size)
        let layout = LessonLayout(state)
        #expect(layout.panel.map { $0.endColumn <= columns && $0.endRow <= rows } ?? false)
      }
    }
  }

  @Test("help covers a lesson and scrolls to its end") func help() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.character("?"), .end, on: &state)
    #expect(LessonLayout(state).panel == nil)
    #expect(FrameText(view(state)).text.contains("np.abs(image).sum()"))
  }
}
