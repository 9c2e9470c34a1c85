import DiffusionCore
import DiffusionTUI
import Testing

@Suite("A screen for a projector") struct PresenterTests {
  private func presented(_ columns: Int, _ rows: Int, runs: Int = 1, engine: inout SmilingEngine) -> State {
    var state = Scenes.after(2, columns, rows, steps: 6, engine: &engine)
    for _ in 1..<runs { engine.press(.character("c"), on: &state) }
    state.present()
    engine.press(.right, .right, .left, on: &state)
    return state
  }

  @Test("shows the keys pressed, the latest last", arguments: [(20, 5), (80, 24), (120, 40), (200, 60)])
  func screens(columns: Int, rows: Int) throws {
    var engine = SmilingEngine()
    let state = presented(columns, rows, engine: &engine)
    try Golden.check(view(state), "presenter-\(columns)x\(rows)", tier: .trueColor)
    let last = FrameText(view(state)).text.split(separator: "\n").last ?? ""
    #expect(last.hasSuffix("left"))
    if columns == 120 { #expect(Layout(state).scale?.zoom == 2, "as large as the screen allows") }
    if rows >= 12 { #expect(last.contains("right \u{00D7}2")) }
  }

  @Test("keeps the most telling numbers of two runs") func comparing() throws {
    var engine = SmilingEngine()
    let state = presented(120, 40, runs: 2, engine: &engine)
    try Golden.check(view(state), "presenter-compare", tier: .trueColor)
  }

  @Test("shows the plots too", arguments: [(80, 24), (120, 40), (200, 60)], ["", "T"])
  func plots(size: (columns: Int, rows: Int), opening: String) throws {
    var engine = SmilingEngine()
    var state = presented(size.columns, size.rows, engine: &engine)
    for key in try KeySequence(parsing: opening).keys { engine.press(key, on: &state) }
    for page in PlotPage.allCases.dropFirst() where page != .prompt {
      engine.press(.character("p"), on: &state)
      let text = FrameText(view(state)).text
      #expect(text.contains(page.label))
      #expect(!text.contains("mean    "), "the numbers give way")
    }
    engine.press(.character("p"), on: &state)
    // Three pictures fill a small screen.
    let hasRoom = opening.isEmpty || size.rows > 24
    #expect(FrameText(view(state)).text.contains("mean    ") == hasRoom)
  }

  @Test("echoes every key, even one without a meaning or one that is typed") func echoes() {
    var engine = SmilingEngine()
    var state = presented(80, 24, engine: &engine)
    engine.press(.character("Y"), .character("s"), .character("4"), .backspace, .escape, on: &state)
    let last = FrameText(view(state)).text.split(separator: "\n").last ?? ""
    #expect(last.hasSuffix("s   4   Backspace   Esc"))
  }

  @Test("plays slowly, and no faster than requested") func slow() {
    var engine = SmilingEngine()
    var state = Scenes.started(engine: &engine)
    state.present()
    #expect(state.playback.speed == .onePerSecond)
    state.playback.speed = .halfPerSecond
    state.present()
    #expect(state.playback.speed == .halfPerSecond)
    engine.press(.character(">"), .character(">"), on: &state)
    #expect(state.playback.speed == .twoPerSecond, "who asks for more gets it")
    let effects = reduce(&state, .key(.character(" ")))
    #expect(effects.count == 1)
  }

  @Test("has bold text and no dim text") func loud() {
    let look = Look(theme: Theme.plain, capabilities: Scenes.fullColor, isLoud: true)
    for role in ThemeRole.readable {
      #expect(look[role].attributes.contains(.bold), "\(role)")
      #expect(!look[role].attributes.contains(.dim), "\(role)")
    }
    #expect(look[.rule] == Look(theme: Theme.plain, capabilities: Scenes.fullColor)[.rule])
  }

  @Test("leaves a lesson enough room") func lesson() throws {
    var engine = SmilingEngine()
    for (columns, rows) in [(80, 24), (120, 40)] {
      var state = LessonScenes.opened(columns, rows, engine: &engine)
      state.present()
      engine.press(.right, on: &state)
      try Golden.check(view(state), "presenter-lesson-\(columns)x\(rows)", tier: .trueColor)
    }
  }
}
