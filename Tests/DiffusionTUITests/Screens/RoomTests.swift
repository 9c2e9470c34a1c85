import DiffusionCore
import DiffusionTUI
import Testing

@Suite("The room on a screen") struct RoomTests {
  var engine = SmilingEngine()

  private mutating func state(_ columns: Int, _ rows: Int, runs: Int = 1, keys: String = "") throws -> State {
    var state = Scenes.after(5, columns, rows, steps: 8, engine: &engine)
    for _ in 1..<runs { engine.press(.character("c"), on: &state) }
    for key in try KeySequence(parsing: keys).keys { engine.press(key, on: &state) }
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  private func pictureCells(_ state: State) -> Int { view(state).cells.count { $0.character == "\u{2580}" } }

  @Test("a low screen has no line of its own for settings, which stand in the status line") mutating func lowScreen()
    throws
  {
    for runs in [1, 2, 4] {
      let state = try state(80, 24, runs: runs)
      let layout = Layout(state)
      #expect(layout.settings == nil && layout.body.rows >= 18)
      let lines = text(state).split(separator: "\n", omittingEmptySubsequences: false)
      let status = try #require(lines.first { $0.contains("device cpu") })
      #expect(runs > 1 || status.contains("eta 0"))
      #expect(runs == 1 || status.contains("linked by step"))
    }
    #expect(Layout(try state(120, 40)).settings != nil)
  }

  @Test("a low screen says what is going on in the status line") mutating func computing() throws {
    var state = try state(80, 24)
    engine.answersSteps = false
    engine.press(.right, on: &state)
    _ = reduce(&state, .progress(runs: [1], ForwardProgress(block: "mid_block", completed: 17, total: 29)))
    #expect(text(state).contains("to step 6, 17/29"))
  }

  @Test("four runs are all shown on 80x24, larger than half the size") mutating func fourRuns() throws {
    let grid = try #require(Layout(try state(80, 24, runs: 4)).grid)
    #expect(grid.places.count == 4)
    #expect(grid.plan.picture.columns >= 18 && grid.plan.lines >= 2)
  }

  @Test(
    "on a large screen pictures take the room",
    arguments: [(1, "", 0.5), (1, "T", 0.5), (2, "", 0.5), (4, "", 0.4), (8, "", 0.5)])
  mutating func largeScreen(runs: Int, keys: String, share: Double) throws {
    let state = try state(200, 60, runs: runs, keys: keys)
    #expect(Double(pictureCells(state)) / 12_000 >= share)
  }

  @Test("a projector's screen of 100x30 has larger pictures than one of 80x24") mutating func projector() throws {
    for runs in [1, 4] {
      let (large, small) = (try state(100, 30, runs: runs), try state(80, 24, runs: runs))
      #expect(pictureCells(large) * 10 >= pictureCells(small) * 15)
    }
    #expect(text(try state(100, 30)).contains("1.4x, averaged"))
    #expect(text(try state(100, 30, keys: "f")).contains("1x"))
    #expect(Layout(try state(100, 30, keys: "f")).scale?.isWhole == true)
  }

  @Test(
    "a number stands once", arguments: [(80, 24), (100, 30), (120, 40), (200, 60)],
    ["std ", "clipped", "alpha-bar   ", "timestep    ", "sigma   ", "took"])
  mutating func once(size: (columns: Int, rows: Int), label: String) throws {
    let state = try state(size.columns, size.rows)
    let lines = text(state).split(separator: "\n").map(String.init)
    let statistics = try #require(Layout(state).statistics)
    let own = lines.dropFirst(statistics.row).prefix(statistics.rows).map { String($0.dropFirst(statistics.column)) }
    #expect(own.filter { $0.contains(label) && !$0.contains("std by step") && !$0.contains("std per") }.count <= 1)
    if label == "clipped" { #expect(lines.filter { $0.contains("clipped") && !$0.contains("std 0") }.count == 1) }
  }

  @Test("a comparison has each number once", arguments: [(80, 24), (100, 30), (120, 40), (200, 60)])
  mutating func comparedOnce(columns: Int, rows: Int) throws {
    let state = try state(columns, rows, runs: 2)
    let text = text(state)
    for label in ["max|d|", "RMSE", "PSNR"] { #expect(text.components(label) <= 1, "\(label)") }
  }

  @Test("tabs stay beside every lesson on 80x24") mutating func tabs() throws {
    for name in LessonScenes.files.keys.sorted() {
      var state = Scenes.started(80, 24, steps: 8, engine: &engine)
      state.lessonFiles = [name: LessonScenes.files[name] ?? ""]
      engine.press(.character("L"), .enter, on: &state)
      #expect(state.lesson != nil)
      let first = text(state).split(separator: "\n").first ?? ""
      #expect(first.contains("x_t") && first.contains("predicted"), "\(name): \(first)")
      guard !state.isComparing else { continue }
      engine.press(.character("f"), on: &state)
      #expect(text(state).split(separator: "\n").first?.contains("predicted") == true, "\(name), whole pixels")
    }
  }

  @Test("the scale is said wherever areas are averaged", arguments: [(80, 24), (100, 30), (120, 40), (200, 60)], 1...4)
  mutating func said(size: (columns: Int, rows: Int), runs: Int) throws {
    for keys in ["", "T"] {
      let state = try state(size.columns, size.rows, runs: runs, keys: keys)
      let layout = Layout(state)
      let scale = try #require(layout.scale ?? layout.grid?.plan.scale)
      #expect(text(state).contains(scale.label), "\(keys) at \(size)")
    }
  }

  @Test(
    "a small screen says that a picture is averaged",
    arguments: [(30, 10), (36, 12), (40, 12), (50, 14), (60, 20), (70, 12), (79, 14)])
  mutating func saidOnSmallScreens(columns: Int, rows: Int) throws {
    let state = try state(columns, rows)
    let scale = try #require(Layout(state).scale)
    #expect(!scale.isWhole && text(state).contains(scale.label))
  }

  @Test("a picture of the same size has the same factor, whatever draws it", arguments: ImageRendererKind.allCases)
  func sameFactor(kind: ImageRendererKind) throws {
    // 48 columns and 24 rows of cells.
    let space = Size(columns: 48, rows: 24)
    let scale = try #require(
      ImageScale.fitting(Size(columns: 32, rows: 32), kind.renderer, in: space, fit: .filling))
    #expect(scale.sizeLabel(in: kind) == (scale.isWhole ? "1.5x" : "1.5x, averaged"))
  }

  @Test(
    "panes and the list below share the numbers", arguments: [(60, 20), (80, 24), (100, 30), (120, 40)], ["", "D"])
  mutating func shared(size: (columns: Int, rows: Int), keys: String) throws {
    let runs = [0, 0, 1, 2].map { RunSettings(seeds: [Seed($0)], steps: 8, threads: 2) }
    var state = Scenes.comparing(runs, size.columns, size.rows, engine: &engine)
    for key in try KeySequence(parsing: "right right right " + keys).keys { engine.press(key, on: &state) }
    let text = text(state)
    let values = try [2, 3].map { index in
      let metrics = try #require(state.panes[index].comparison?.metrics)
      return try #require(ComparisonText(metrics).entries.first).value
    }
    for value in values { #expect(text.components("max|d| \(value)") == values.count { $0 == value }) }
    let hash = try #require(state.run?.statistics(.sample, at: state.position)).sha256
    #expect(text.components("same bits \(hash.prefix(8))") == 1)
    // Whole, or its first digits alone.
    #expect(text.contains("same bits \(hash)") || text.contains("same bits \(hash.prefix(8))\n"))
    #expect(text.contains("x_t \(hash.prefix(4))"), "the label stays")
    #expect(!text.contains("  \(hash.prefix(8))"))
  }
}

extension String {
  /// How often a text occurs.
  fileprivate func components(_ text: String) -> Int {
    var (count, rest) = (0, self[...])
    while let range = rest.firstRange(of: text) {
      count += 1
      rest = rest[range.upperBound...]
    }
    return count
  }
}
