import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Inspection screens") struct InspectionScreenTests {
  var engine = SmilingEngine()

  mutating func state(_ columns: Int, _ rows: Int, panes: Int = 1, keys: String) throws -> State {
    var runs = (0..<panes).map { RunSettings(seeds: [Seed($0)], steps: 8, threads: 2) }
    if panes > 1 { runs[1].steps = 16 }
    var state = Scenes.comparing(runs, columns, rows, engine: &engine)
    for key in try KeySequence(parsing: "right right " + keys).keys { engine.press(key, on: &state) }
    return state
  }

  @Test(
    "match their golden files",
    arguments: [
      ("three-up", 120, 40, 1, "T"), ("zoom", 80, 24, 1, "z z o"), ("update", 80, 24, 1, "P"),
      ("schedule", 80, 24, 2, "p p p"), ("difference-zoom", 120, 40, 2, "2 D ] z"),
    ])
  mutating func golden(name: String, columns: Int, rows: Int, panes: Int, keys: String) throws {
    let state = try state(columns, rows, panes: panes, keys: keys)
    try Golden.check(view(state), "more-\(name)", tier: .trueColor)
  }

  @Test(
    "every page and view is drawn at every size, in colour and in ASCII",
    arguments: ["", "T", "z", "z z z", "T z", "o", "D", "D z z"], [1, 3])
  mutating func everywhere(keys: String, panes: Int) throws {
    var state = try state(80, 24, panes: panes, keys: keys)
    let ascii = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "test")
    for _ in PlotPage.allCases {
      engine.press(.character("p"), on: &state)
      for size in [
        Size(columns: 20, rows: 5), .init(columns: 40, rows: 12), .init(columns: 80, rows: 24),
        .init(columns: 120, rows: 40), .init(columns: 200, rows: 60), .init(columns: 7, rows: 2),
      ] {
        let colored = view(state, size: size, capabilities: state.capabilities, theme: state.theme)
        #expect(colored.cells.contains { $0.character != " " })
        let plain = view(state, size: size, capabilities: ascii, theme: state.theme)
        #expect(plain.cells.allSatisfy { $0.character.isASCII })
      }
    }
  }

  @Test("step 16 of 32 and step 16 of 16 are two places on one curve") mutating func oneCurve() throws {
    let text = FrameText(view(try state(120, 40, panes: 2, keys: "p p p"))).text
    #expect(text.contains("alpha-bar"))
    #expect(text.contains("1  2/8"))
    #expect(text.contains("2 2/16"))
  }

  @Test("a step that adds no noise says that sigma is 0, as in the last step at any eta")
  mutating func noFreshNoise() throws {
    let text = FrameText(view(try state(120, 40, keys: "e 1 enter end P"))).text
    #expect(text.contains("fresh noise, none: sigma is 0"))
    #expect(!text.contains("eta is 0"))
  }

  @Test("the layout stays the same while a part of the picture is shown") mutating func steady() throws {
    for (columns, rows) in [(80, 24), (120, 40), (200, 60)] {
      var state = try state(columns, rows, keys: "")
      let before = Layout(state)
      engine.press(.character("z"), on: &state)
      let after = Layout(state)
      #expect(before.picture == after.picture)
      #expect(after.scale?.zoom == 2 * (before.scale?.zoom ?? 0))
    }
  }

  @Test("m cycles through the available renderers, or says that there is only one") mutating func renderers() throws {
    var state = try state(80, 24, keys: "")
    var seen: [ImageRendererKind] = []
    for _ in 0..<5 {
      seen.append(state.shownRenderer)
      engine.press(.character("m"), on: &state)
    }
    #expect(Set(seen) == [.halfBlock, .asciiRamp, .quadrant, .sextant, .braille])
    #expect(state.shownRenderer == .halfBlock)
    _ = reduce(&state, .renderer(.kitty))
    #expect(try #require(state.notice).contains("kitty takes kitty's graphics protocol"))
    let plain = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "test")
    var poor = Scenes.started(capabilities: plain, engine: &engine)
    engine.press(.character("m"), on: &poor)
    #expect(try #require(poor.notice).contains("take Unicode and colours"))
  }

  @Test("bins of units in the last place are merged to fit the rows", arguments: 2...12) func ulps(rows: Int) {
    let counts = (0..<33).map { $0 == 0 ? 5 : $0 % 3 }
    let bins = ULPHistogramBin.list(counts, rows: rows)
    #expect(bins.count <= rows)
    #expect(bins.reduce(0) { $0 + $1.count } == counts.reduce(0, +))
    #expect(bins[0] == ULPHistogramBin("0", 5))
    #expect(ULPHistogramBin.list([7, 0, 0], rows: rows) == [ULPHistogramBin("0", 7)])
  }
}

extension InspectionScreenTests {
  @Test("no page writes outside its part", arguments: PlotPage.allCases) mutating func inside(page: PlotPage) throws {
    let state = try state(120, 40, panes: 2, keys: "")
    let outside = Cell("\u{00A7}", Style(foreground: RGB(1, 2, 3)))
    let look = Look(theme: state.theme, capabilities: state.capabilities)
    for (columns, rows) in [(1, 1), (9, 3), (20, 5), (41, 17), (50, 33), (110, 12), (118, 38)] {
      var frame = Frame(size: Size(columns: 124, rows: 44), filling: outside)
      let part = Rect(column: 3, row: 2, columns: columns, rows: rows)
      PlotPanel(state: state, page: page).draw(into: &frame, in: part, look: look)
      for row in 0..<44 {
        for column in 0..<124 where !part.contains(column: column, row: row) {
          #expect(frame[column, row] == outside, "\(page) at \(columns)x\(rows)")
        }
      }
    }
  }
}
