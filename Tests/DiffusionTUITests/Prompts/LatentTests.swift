import DiffusionCore
import DiffusionTUI
import TestSupport
import Testing

@Suite("Latents") struct LatentTests {
  var engine = SmilingEngine()

  init() { engine.useLatents() }

  private mutating func after(_ steps: Int, of count: Int = 4) -> State {
    var state = Scenes.prompted(steps: count, engine: &engine)
    for _ in 0..<steps { engine.press(.right, on: &state) }
    return state
  }

  private func text(_ state: State) -> String { FrameText(view(state)).text }

  @Test("are shown as a linear preview at every step, and decoded at the end") mutating func previews() throws {
    var state = after(0)
    for step in 0..<4 {
      #expect(state.position == step)
      #expect(state.pictured(of: 0)?.source == .linearPreview)
      #expect(state.pictureSize == Size(columns: 8, rows: 8))
      #expect(text(state).contains("linear preview") && !text(state).contains("decoded"))
      let latents = try #require(state.run?.tensor(.sample, at: step))
      #expect(state.pictured(of: 0)?.tensor == engine.latents?.preview(latents))
      engine.press(.right, on: &state)
    }
    #expect(state.pictured(of: 0)?.source == .decoded)
    #expect(state.pictureSize == Size(columns: 32, rows: 32))
    #expect(text(state).contains("decoded") && !text(state).contains("linear preview"))
    #expect(state.run?.history.last?.images?.shape == [1, 32, 32, 3])
    engine.press(.left, on: &state)
    #expect(text(state).contains("linear preview"))
  }

  @Test("have statistics that say whose they are") mutating func statistics() {
    var state = after(3)
    #expect(text(state).contains("latents") && text(state).contains("1×4×8×8"))
    #expect(!text(state).contains("image sum") && !text(state).contains("clipped"))
    engine.press(.right, on: &state)
    #expect(text(state).contains("1×4×8×8") && text(state).contains("1×32×32×3") && text(state).contains("image sum"))
  }

  @Test("are decoded on demand, and stay so") mutating func onDemand() {
    var state = after(2)
    engine.press(.character("I"), on: &state)
    #expect(state.pictured(of: 0)?.source == .decoded)
    engine.press(.right, on: &state)
    #expect(state.pictured(of: 0)?.source == .linearPreview)
    engine.press(.left, on: &state)
    #expect(state.pictured(of: 0)?.source == .decoded)
    engine.press(.character("v"), on: &state)
    #expect(state.pictured(of: 0)?.source == .linearPreview)
    engine.press(.character("I"), on: &state)
    #expect(state.pictured(of: 0)?.source == .decoded)
    engine.press(.character("v"), on: &state)
    #expect(state.pictured(of: 0)?.source == .values)
    engine.press(.character("I"), on: &state)
    #expect(state.notice?.contains("the model output is no image") == true)
  }

  @Test("wait for nobody: steps come first, Esc stops the decoder, I starts it again") mutating func background() {
    engine.answersDecoding = false
    var state = after(2)
    engine.press(.character("I"), on: &state)
    #expect(state.isBusy && text(state).contains("linear preview, decoding..."))
    engine.press(.right, on: &state)
    #expect(state.position == 3 && engine.decodingWaiting?.position == 2, "asked for again after the step")
    engine.press(.escape, on: &state)
    #expect(!state.isBusy && engine.decodingWaiting == nil)
    #expect(state.notice == "the latents are not decoded: press I for the image")
    engine.press(.right, on: &state)
    #expect(engine.decodingWaiting?.position == 4)
    engine.press(.escape, .left, .right, on: &state)
    #expect(engine.decodingWaiting == nil, "not against the user's will")
    engine.press(.character("I"), on: &state)
    #expect(engine.decodingWaiting?.position == 4)
    for action in engine.finishDecoding() { engine.carryOut(reduce(&state, action), on: &state) }
    #expect(state.pictured(of: 0)?.source == .decoded && !state.isBusy)
  }

  @Test("a result that nobody waits for is dropped") mutating func stale() throws {
    engine.answersDecoding = false
    var state = after(2)
    engine.press(.character("I"), on: &state)
    let late = engine.finishDecoding()
    engine.press(.character("r"), on: &state)
    #expect(state.decoding.current == nil)
    let before = state
    for action in late { #expect(reduce(&state, action) == []) }
    #expect(state == before)
  }

  @Test("a failure is said once, and tried again only on demand") mutating func failure() {
    engine.decodingFailure = "out of memory"
    var state = after(4)
    #expect(state.notice == "out of memory" && state.decoding.current == nil)
    engine.press(.left, .right, on: &state)
    #expect(state.notice == nil && state.pictured(of: 0)?.source == .linearPreview)
    engine.decodingFailure = nil
    engine.press(.character("I"), on: &state)
    #expect(state.pictured(of: 0)?.source == .decoded)
  }

  @Test("V shows each of the four channels alone, even where the image is decoded") mutating func channels() throws {
    for steps in [2, 4] {
      var state = after(steps)
      for channel in 0..<4 {
        engine.press(.character("V"), on: &state)
        #expect(state.pictured(of: 0)?.source == .values && state.pictureSize == Size(columns: 8, rows: 8))
        #expect(text(state).contains("channel \(channel + 1) of 4"))
      }
      engine.press(.character("V"), on: &state)
      #expect(state.pictured(of: 0)?.source == (steps == 4 ? .decoded : .linearPreview))
    }
  }

  @Test("a pixel has the latents' values, or those of the image that is shown") mutating func pixel() throws {
    var state = after(3)
    engine.press(.character("z"), on: &state)
    let latents = try #require(state.readout(columns: 200))
    #expect(latents.contains("4 ") && !latents.contains("="))
    engine.press(.escape, .right, .character("z"), on: &state)
    let image = try #require(state.readout(columns: 200))
    #expect(image.contains("R ") && image.contains("="))
  }

  @Test("the last images are kept, and that of the end always") mutating func capacity() throws {
    var state = after(30, of: 30)
    for _ in 0..<20 { engine.press(.left, .character("I"), on: &state) }
    let run = try #require(state.run)
    let kept = (0...30).filter { run.decodedImage(.sample, at: $0) != nil }
    #expect(kept == Array(10..<25) + [30])
  }

  @Test("every run has its image at the end") mutating func several() {
    let runs = ["pizza", "cat"].map { RunSettings(seeds: [1], steps: 3, threads: 2, prompts: [$0]) }
    var state = Scenes.comparing(runs, engine: &engine)
    engine.press(.end, on: &state)
    #expect(state.panes.allSatisfy { $0.run?.awaitsImages == false })
    #expect(text(state).contains("decoded"))
    engine.press(.character("D"), on: &state)
    #expect(state.pictureSize(of: 1) == Size(columns: 8, rows: 8), "differences are of the latents")
  }

  @Test("files have the image where they are of the image, and the latents where they are of the tensor")
  mutating func files() throws {
    func exported(_ kind: String, _ state: inout State) -> Effect? {
      for character in ":export \(kind)" { _ = reduce(&state, .key(.character(character))) }
      let effects = reduce(&state, .key(.enter))
      _ = reduce(&state, .key(.escape))
      return effects.first
    }
    var state = after(3)
    #expect(exported("png", &state) == nil)
    state = after(3)
    _ = exported("png", &state)
    guard case .export(_, let tensor)? = exported("npy", &state), case .tensor(let latents) = tensor.content else {
      Issue.record("no latents are written")
      return
    }
    #expect(latents.shape == [1, 4, 8, 8])
    engine.press(.right, on: &state)
    guard case .export(_, let png)? = exported("png", &state), case .decoded(let image) = png.content else {
      Issue.record("no image is written")
      return
    }
    #expect(image.images == state.run?.history.last?.images)
    let handout = try #require(state.handout)
    #expect(handout.figures[0].picture.size == Size(columns: 32, rows: 32))
    #expect(handout.figures[0].caption.contains { $0.contains("decoded") })
  }

  @Test("a receipt waits for the image") mutating func receipt() {
    engine.answersDecoding = false
    var state = after(0)
    state.keepReceipt(at: "r.json")
    for _ in 0..<4 { engine.press(.right, on: &state) }
    #expect(state.run?.awaitsImages == true && state.owedReceipt == nil)
    #expect(state.reasonAgainst(.receipt)?.contains("not decoded yet") == true)
    var effects: [Effect] = []
    for action in engine.finishDecoding() { effects += reduce(&state, action) }
    #expect(effects.contains { if case .export(_, let export) = $0 { export.kind == .receipt } else { false } })
  }

  @Test("three pictures share their places, decoded or not", arguments: [(80, 24), (100, 30), (200, 60)])
  mutating func threeUp(columns: Int, rows: Int) {
    var state = after(4)
    _ = reduce(&state, .resize(Size(columns: columns, rows: rows)))
    engine.press(.character("T"), on: &state)
    #expect(!text(state).contains("not yet"))
    engine.press(.character("z"), .character("z"), on: &state)
    #expect(!text(state).contains("not yet"))
  }
}
