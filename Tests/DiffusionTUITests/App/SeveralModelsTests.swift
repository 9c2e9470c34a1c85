import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Runs of several models") struct SeveralModelsTests {
  private let twin = ModelReference("models/twin"), wide = ModelReference("models/wide")
  private var engine = SmilingEngine()

  init() {
    engine.imageShapes = [wide: [1, 8, 12]]
    engine.missing = [ModelReference("nowhere")]
  }

  private mutating func state(_ models: [ModelReference], _ columns: Int = 120, _ rows: Int = 40) -> State {
    let runs = models.map { RunRequest(model: $0, settings: RunSettings(seeds: [3], steps: 4, threads: 2)) }
    return Scenes.comparing(runs, columns, rows, engine: &engine)
  }

  private mutating func type(_ text: String, on state: inout State) {
    for character in text { engine.press(.character(character), on: &state) }
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test("have the model's name in their titles; runs of one model do not") mutating func titles() {
    let both = text(state([.demo, twin])).split(separator: "\n")
    #expect(both[2].contains("1  seed 3  ddpm-emoji-32") && both[2].contains("2  seed 3  twin"))
    #expect(!text(state([twin, twin])).split(separator: "\n")[2].contains("twin"))
    #expect(text(state([twin, twin])).hasPrefix(" models/twin "))
  }

  @Test(
    "name it wherever a pane is shown, in ASCII too", arguments: [(20, 5), (80, 24), (120, 40), (200, 60)])
  mutating func sizes(columns: Int, rows: Int) {
    var state = state([.demo, twin, wide], columns, rows)
    let ascii = TerminalCapabilities(colorTier: .mono, unicode: false, reason: "test")
    for (key, name) in [("1", "ddpm-emoji-32"), ("2", "twin"), ("3", "wide")] as [(Character, String)] {
      engine.press(.character(key), on: &state)
      #expect(text(state).contains(name))
      let frame = view(state, size: state.size, capabilities: ascii, theme: state.theme)
      #expect(FrameText(frame).text.contains(name))
      #expect(frame.cells.allSatisfy { $0.character.isASCII })
    }
  }

  @Test("can be told apart if there is room for a few letters")
  mutating func narrowTitles() {
    let state = state([ModelReference("a/model-one"), ModelReference("a/model-two"), ModelReference("b/else")])
    #expect((0..<3).map { state.modelLabel(of: $0, columns: 5) } == ["l-one", "l-two", "else"])
    #expect(state.modelLabel(of: 2, columns: 3) == "els")
  }

  @Test("compare as usual if their images have the same shape") mutating func sameShape() throws {
    var state = state([.demo, twin])
    engine.press(.right, .tab, .character("D"), on: &state)
    #expect(state.pane.comparison?.metrics?.isBitEqual == true)
    #expect(state.pane.divergence?.equalSteps == 1)
    #expect(text(state).contains("same bits"))
  }

  @Test("say in one line if they cannot be compared", arguments: ["", "D", "zD", "TD", "p", "pp", "DZ]v"])
  mutating func otherShape(keys: String) {
    var state = state([.demo, wide], 160, 50)
    engine.press(.right, .tab, on: &state)
    type(keys, on: &state)
    #expect(state.pane.comparison?.metrics == nil && state.pane.divergence == nil)
    if keys.isEmpty || keys == "D" {
      #expect(text(state).contains("cannot be compared: 1x8x12 here, 3x32x32 in run 1"))
    }
    engine.press(.character("="), .tab, on: &state)
    if keys.isEmpty { #expect(text(state).contains("cannot be compared: 3x32x32 here, 1x8x12 in run 2")) }
  }

  @Test("a larger image never overflows its pane", arguments: [(40, 12), (80, 24), (120, 40), (200, 60)])
  mutating func extents(columns: Int, rows: Int) {
    engine.imageShapes[wide] = [3, 40, 64]
    var state = state([.demo, wide, .demo, wide], columns, rows)
    for key in ["1", "2", "z", "z", "1"] as [Character] {
      engine.press(.character(key), on: &state)
      for index in 0..<4 { #expect(text(state).contains(" \(index + 1) ") || columns < 80) }
    }
    #expect(state.layoutPictureSize == Size(columns: 64, rows: 40))
  }

  @Test("a comparison can be set up by adding a run and changing its model", arguments: [true, false])
  mutating func byHand(inPalette: Bool) {
    var state = state([.demo])
    engine.press(.right, .character("c"), on: &state)
    if inPalette { type(":model models/twin", on: &state) } else { type("Omodels/twin", on: &state) }
    engine.press(.enter, on: &state)
    #expect(state.panes.map(\.request.model) == [.demo, twin])
    #expect(state.positions == [1, 1])
    #expect(state.notice == nil)
  }

  @Test("a model that cannot be opened leaves the run as it was, and says why") mutating func missing() {
    var state = state([.demo, twin])
    engine.press(.right, .tab, on: &state)
    let before = state.pane.request
    type(":model nowhere", on: &state)
    engine.press(.enter, on: &state)
    #expect(state.pane.request == before && state.positions == [1, 1])
    #expect(state.notice == "run 2: nowhere: no such folder")
    #expect(!state.models.contains(ModelReference("nowhere")))
  }

  @Test("Tab completes the program's models and those opened; a path is taken as typed") mutating func completion() {
    var state = state([.demo, twin])
    type("O", on: &state)
    engine.press(.tab, on: &state)
    #expect(state.editor?.text == ModelReference.promptDemoName, "the models of the program come first")
    engine.press(.tab, on: &state)
    #expect(state.editor?.text == "models/twin")
    engine.press(.escape, on: &state)
    type(":model models/tw", on: &state)
    engine.press(.tab, on: &state)
    #expect(state.palette?.query == "model models/twin")
    engine.press(.control("u"), on: &state)
    type("model models/t", on: &state)
    engine.press(.enter, on: &state)
    #expect(state.pane.request.model == ModelReference("models/t"))
  }

  @Test("an empty name is refused") mutating func noName() {
    var state = state([.demo])
    type("O", on: &state)
    engine.press(.delete, .character(" "), .enter, on: &state)
    #expect(state.editor?.error?.hasPrefix("model ' ' is not a folder, a Hub id such as") == true)
  }

  @Test("files, the gallery and the command line use the focused run's model") mutating func kept() throws {
    var state = state([.demo, wide])
    engine.press(.end, .tab, on: &state)
    #expect(state.proposedName(of: .receipt) == "wide-seed3-steps4-receipt.json")
    #expect(reduce(&state, .keep(.copyCommandLine)) == [.copyCommandLine(state.pane.request)])
    engine.press(.character("G"), on: &state)
    #expect(state.gallery?.request.model == wide)
    let image = try #require(state.galleryImages.store.image(of: 3)?.picture)
    #expect(image.size == Size(columns: 12, rows: 8))
    #expect(text(state).contains("wide"))
    engine.press(.enter, on: &state)
    #expect(state.pane.request.model == wide)
  }

  @Test("a lesson uses the demo model, and the runs come back afterwards") mutating func lessons() throws {
    var state = state([wide])
    let lesson = try #require(LessonLibrary().lessons.first)
    engine.carryOut(state.begin(lesson), on: &state)
    #expect(state.panes.allSatisfy { $0.request.model == .demo })
    engine.press(.character("L"), on: &state)
    #expect(state.panes.map(\.request.model) == [wide])
  }
}
