import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Inspection") struct InspectionTests {
  var engine = SmilingEngine()

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test("p turns the pages and comes back to the numbers; P goes the other way") mutating func pages() {
    var state = Scenes.after(3, steps: 8, engine: &engine)
    for page in PlotPage.allCases.dropFirst() where page != .prompt {
      engine.press(.character("p"), on: &state)
      #expect(state.inspection.page == page)
      #expect(text(state).contains(page.label))
    }
    engine.press(.character("p"), on: &state)
    #expect(state.inspection.page == .numbers)
    engine.press(.character("P"), on: &state)
    #expect(state.inspection.page == .update)
  }

  @Test("the update page has the engine's coefficients and norms") mutating func update() throws {
    var state = Scenes.after(3, 120, 40, steps: 8, engine: &engine)
    engine.press(.character("P"), on: &state)
    let step = try #require(state.run?.history.last?.step)
    let update = MeasuredUpdate(step)
    let original = try #require(update.original), epsilon = try #require(update.epsilon)
    #expect(text(state).contains(NumberText.small(Double(original.term.coefficient), 5)))
    #expect(text(state).contains(NumberText.small(epsilon.norm, 2)))
    engine.press(.home, on: &state)
    #expect(text(state).contains("an update comes with the first step"))
  }

  @Test("z zooms in on a pixel, down to four pixels a side, and Z zooms out again") mutating func zoom() throws {
    var state = Scenes.after(1, steps: 8, engine: &engine)
    #expect(state.viewport == nil)
    for factor in [2, 4, 8] {
      engine.press(.character("z"), on: &state)
      #expect(state.viewport?.factor == factor)
    }
    engine.press(.character("z"), on: &state)
    #expect(state.viewport?.factor == 8)
    #expect(try #require(state.notice).contains("as large as they get"))
    for factor in [4, 2, 1] {
      engine.press(.character("Z"), on: &state)
      #expect(state.viewport?.factor == factor)
    }
    engine.press(.character("Z"), on: &state)
    #expect(state.viewport == nil)
  }

  @Test("with the pixel cursor on, the arrows move it, h and l step, and Esc leaves") mutating func arrows() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.press(.character("z"), .right, .down, .down, on: &state)
    #expect(state.viewport?.cursor == PixelPlace(column: 17, row: 18))
    #expect(state.position == 2)
    engine.press(.character("l"), on: &state)
    #expect(state.position == 3)
    engine.press(.escape, .right, on: &state)
    #expect(state.viewport == nil)
    #expect(state.position == 4)
  }

  @Test("Shift and an arrow turn on the pixel cursor without zooming in") mutating func shift() {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    engine.press(.shiftUp, .shiftLeft, on: &state)
    #expect(state.viewport?.cursor == PixelPlace(column: 15, row: 16))
    #expect(state.viewport?.factor == 1)
  }

  @Test(
    "the pixel's values are on the screen in full, with their levels", arguments: [TensorView.sample, .modelOutput])
  mutating func readout(view: TensorView) throws {
    var state = Scenes.after(2, steps: 8, engine: &engine)
    while state.view != view { engine.press(.character("v"), on: &state) }
    engine.press(.character("z"), on: &state)
    let tensor = try #require(state.run?.tensor(view, at: 2))
    let value = tensor.scalars[16 * 32 + 16]
    #expect(text(state).contains("(16, 16)  R \(value) = \(Picture.level(value))"))
  }

  @Test("all panes show the same part") mutating func sharedPart() throws {
    var state = Scenes.comparing(seeds: [1, 2], 80, 24, engine: &engine)
    engine.press(.right, .character("z"), .character("z"), .tab, .left, on: &state)
    for pane in state.panes {
      let value = try #require(pane.run?.tensor(.sample, at: 1)).scalars[16 * 32 + 15]
      #expect(text(state).contains("\(Picture.level(value))"))
    }
  }

  @Test("the scale of differences has keys, and they say so if no difference is shown") mutating func scale() throws {
    var state = Scenes.comparing(seeds: [1, 2], engine: &engine)
    engine.press(.right, .character("]"), on: &state)
    #expect(try #require(state.notice).contains("press D"))
    engine.press(.character("D"), .character("2"), .character("]"), on: &state)
    #expect(state.notice == nil)
    #expect(text(state).contains("+1e-2"))
    engine.press(.character("["), on: &state)
    #expect(text(state).contains("+0.1"))
  }

  @Test("o marks clipped pixels") mutating func clipping() {
    var state = Scenes.after(1, steps: 8, engine: &engine)
    func marked(_ state: State) -> Int {
      view(state).cells.count {
        $0.style.foreground == Picture.clippedAbove || $0.style.background == Picture.clippedAbove
      }
    }
    #expect(marked(state) == 0)
    engine.press(.character("o"), on: &state)
    #expect(marked(state) > 20)
  }

  @Test("T shows the three tensors, of the focused run if there are several", arguments: [1, 3])
  mutating func threeUp(panes: Int) {
    var state = Scenes.comparing(seeds: (0..<panes).map { Seed($0) }, 120, 40, engine: &engine)
    engine.press(.right, .right, .character("T"), on: &state)
    for title in ["x_t after step 2", "predicted original", "predicted noise"] { #expect(text(state).contains(title)) }
    engine.press(.escape, on: &state)
    #expect(!text(state).contains("predicted noise"))
  }
}
