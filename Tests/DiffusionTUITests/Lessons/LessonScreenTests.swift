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

  /// The lesson on a step, with its three pictures open, or the one on schedulers with its four runs.
  private func opened(_ name: String, keys: Key..., engine: inout SmilingEngine) -> State {
    var state = Scenes.started(steps: 8, engine: &engine)
    state.lessonFiles = [name: LessonScenes.files[name] ?? ""]
    engine.press(.character("L"), .enter, on: &state)
    for key in keys { engine.press(key, on: &state) }
    return state
  }

  private func scale(_ columns: Int, _ rows: Int, _ state: inout State) -> Double {
    _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
    let layout = Layout(state)
    return (layout.scale ?? layout.grid?.plan.scale)?.ratio ?? 0
  }

  @Test("a larger screen never has smaller pictures in a lesson: three of one run", arguments: [true, false])
  func growing(isPresented: Bool) {
    var engine = SmilingEngine()
    var state = opened("step", keys: .right, .character("v"), .character("T"), engine: &engine)
    if isPresented { state.present() }
    let rows = [24, 27, 30, 34, 35, 38, 42]
    var narrower = rows.map { _ in 0.0 }
    for columns in [80, 90, 100, 111, 112, 120, 135, 150] {
      let scales = rows.map { scale(columns, $0, &state) }
      #expect(scales == scales.sorted(), "\(columns) columns")
      #expect(zip(scales, narrower).allSatisfy { $0 >= $1 }, "\(columns) columns")
      narrower = scales
    }
  }

  @Test("a larger screen never has smaller pictures in a lesson: four runs", arguments: [true, false])
  func growingRuns(isPresented: Bool) {
    var engine = SmilingEngine()
    var state = opened("scheduler", engine: &engine)
    if isPresented { state.present() }
    let sizes = [(80, 24), (100, 30), (111, 36), (112, 36), (120, 40), (140, 45), (160, 50), (200, 60)]
    let scales = sizes.map { scale($0.0, $0.1, &state) }
    #expect(scales == scales.sorted())
  }

  @Test("four runs are as large in a lesson as without it at 200x60") func fourRuns() {
    var engine = SmilingEngine()
    var state = opened("scheduler", engine: &engine)
    #expect(state.panes.count == 4)
    #expect(scale(200, 60, &state) >= 1.5)
    #expect(!LessonLayout(state).isBeside)
  }

  @Test("help covers a lesson and scrolls to its end") func help() {
    var engine = SmilingEngine()
    var state = LessonScenes.opened(engine: &engine)
    engine.press(.character("?"), .end, on: &state)
    #expect(LessonLayout(state).panel == nil)
    #expect(FrameText(view(state)).text.contains("np.abs(image).sum()"))
  }
}
