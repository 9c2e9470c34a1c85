import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The palette on the screen") struct PaletteOnScreenTests {
  private func press(_ text: String, _ keys: Key..., columns: Int = 80, rows: Int = 24) -> State {
    var engine = SmilingEngine()
    var state = Scenes.after(3, columns, rows, steps: 8, engine: &engine)
    engine.press(.character(":"), on: &state)
    for key in text.map({ Key.character($0) }) + keys { engine.press(key, on: &state) }
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test(
    "shows the typed text and the chosen line at any size",
    arguments: [(200, 60), (80, 24), (40, 12), (20, 5), (20, 2), (12, 3)]) func sizes(columns: Int, rows: Int)
  {
    let state = press("the", columns: columns, rows: rows)
    #expect(text(state).contains(":the_"))
    if rows > 2 { #expect(text(state).contains("theme")) }
    #expect(view(press("", columns: 1, rows: 1)).cells.count == 1)
  }

  @Test("the chosen line is visible", arguments: [(80, 24), (20, 5)]) func scrolls(columns: Int, rows: Int) {
    let state = press("", .end, columns: columns, rows: rows)
    let frame = view(state)
    let reversed = (0..<rows).filter { row in
      (0..<columns).contains { frame[$0, row].character == "m" && frame[$0, row].style.attributes.contains(.reverse) }
    }
    #expect(reversed.count == 1)
  }

  @Test("the chosen line has one background, and so has every other", arguments: ["dark", "light", "mono"])
  func background(theme: String) throws {
    var state = press("", .down, .down)
    state.display.pickTheme(theme)
    if theme == "mono" { state.capabilities.colorTier = .mono }
    let menu = { () -> State in
      var engine = SmilingEngine()
      var menu = Scenes.after(3, steps: 8, engine: &engine)
      menu.display.pickTheme(theme)
      menu.capabilities = state.capabilities
      engine.press(.character("x"), .down, on: &menu)
      return menu
    }()
    for state in [state, menu] {
      let frame = view(state)
      func behind(_ cell: Cell) -> RGB? {
        cell.style.attributes.contains(.reverse) ? cell.style.foreground : cell.style.background
      }
      for row in 2..<10 {
        let cells = (2..<78).map { frame[$0, row] }
        #expect(Set(cells.map(behind)).count == 1, "row \(row)")
        #expect(Set(cells.map { $0.style.attributes.contains(.reverse) }).count == 1, "row \(row)")
      }
    }
  }

  @Test("says what is wrong, on a small screen too", arguments: [(80, 24), (20, 5)]) func error(columns: Int, rows: Int)
  {
    #expect(text(press("steps 0", .enter, columns: columns, rows: rows)).contains("steps 0 is not"))
  }

  @Test("commands do what keys do") func performs() throws {
    #expect(press("step 2", .enter).position == 5)
    #expect(press("go 1", .enter).position == 1)
    #expect(press("back 2", .enter).position == 1)
    #expect(press("end", .enter).position == 8)
    #expect(press("seed 7", .enter).settings.seeds == [7])
    #expect(press("theme light", .enter).theme.name == "light")
    #expect(press("eta 1", .enter).settings.eta == 1)
    #expect(text(press("view predicted", .enter)).contains("predicted"))
    #expect(press("seed 7", .escape).settings.seeds == [42])
  }

  @Test("a lesson can be found by name and begun", arguments: ["lesson cu", "lesson cuda"])
  func lesson(typed: String) {
    let state = press(typed, .enter)
    #expect(state.lesson?.lesson.name == "cuda" && state.palette == nil)
    #expect(text(press("lesson ")).contains("lesson batch"))
    // Once as it is typed, and once in the list.
    for name in LessonScenes.files.keys {
      #expect(text(press("lesson \(name)")).ranges(of: "lesson \(name)").count >= 2)
    }
  }

  @Test("a lesson that cannot be read says why") func brokenLesson() {
    var engine = SmilingEngine()
    var state = Scenes.after(1, steps: 8, engine: &engine)
    state.lessonFiles = ["broken": "title = "]
    for key in ":lesson broken".map({ Key.character($0) }) + [.enter] { engine.press(key, on: &state) }
    #expect(state.lesson == nil && state.palette == nil)
    #expect(state.notice?.contains("broken") == true)
  }

  @Test("a pasted seed is inserted; elsewhere a paste does nothing") func paste() {
    var state = press("seed ")
    _ = reduce(&state, .paste("12\n34"))
    #expect(text(state).contains(":seed 1234_"))
    _ = reduce(&state, .key(.escape))
    #expect(reduce(&state, .paste("q")) == [])
    _ = reduce(&state, .key(.character("s")))
    _ = reduce(&state, .paste(" 99 "))
    #expect(reduce(&state, .key(.enter)).count == 1)
    #expect(state.panes[0].latestSettings.seeds == [99], "in the place of the old seed, spaces or not")
  }

  @Test("the mouse is released and captured again") func mouse() {
    var state = press("", .escape)
    #expect(reduce(&state, .key(.character("M"))) == [.captureMouse(false)])
    #expect(text(state).contains("the mouse selects text now; M takes it again"))
    #expect(reduce(&state, .program(.toggleMouse)) == [.captureMouse(true)])
  }
}
