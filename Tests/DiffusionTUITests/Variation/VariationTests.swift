import DiffusionCore
import DiffusionTUI
import Testing

@Suite("Blending with another seed's noise") struct VariationTests {
  var engine = SmilingEngine()
  private let open = Key.character("b")

  @Test("starts with the next seed and strength 0; the slider moves by 0.05 or 0.01") mutating func slider() {
    var state = Scenes.started(engine: &engine)
    engine.press(open, on: &state)
    #expect(state.variationEditor?.seed == "43")
    #expect(state.variationEditor?.strength == 0)
    engine.press(.right, .right, .character("<"), .character("<"), .character(">"), on: &state)
    #expect(state.variationEditor?.strength == 0.09)
    engine.press(.end, .right, on: &state)
    #expect(state.variationEditor?.strength == 1)
    engine.press(.home, .left, on: &state)
    #expect(state.variationEditor?.strength == 0)
  }

  @Test("Enter restarts the run, and both seeds and the strength are on the settings line") mutating func applied() {
    var state = Scenes.after(2, 120, 40, engine: &engine)
    engine.press(open, .character("7"), on: &state)
    for _ in 0..<7 { engine.press(.right, on: &state) }
    #expect(state.position == 2)
    engine.press(.enter, on: &state)
    #expect(state.settings.variation == NoiseVariation(seed: 7, strength: 0.35))
    #expect(state.position == 0 && state.variationEditor == nil)
    #expect(FrameText(view(state)).text.contains("seed 42 variation 7 x 0.35"))
  }

  @Test("Esc keeps the old one, and an empty seed removes it") mutating func dropped() {
    var state = Scenes.started(engine: &engine)
    engine.press(open, .right, .escape, on: &state)
    #expect(state.settings.variation == nil && state.variationEditor == nil)
    engine.press(open, .right, .enter, on: &state)
    #expect(state.settings.variation == NoiseVariation(seed: 43, strength: 0.05))
    engine.press(open, .control("u"), .enter, on: &state)
    #expect(state.settings.variation == nil)
  }

  @Test("an invalid seed is refused in one line") mutating func refused() {
    var state = Scenes.started(engine: &engine)
    engine.press(open, .character("1"), .character("-"), .enter, on: &state)
    #expect(state.variationEditor?.error?.contains("whole number") == true)
    #expect(FrameText(view(state)).text.contains("whole number"))
  }

  @Test("a run at its noise previews the blend at once, but is not changed") mutating func live() throws {
    var state = Scenes.started(engine: &engine)
    engine.press(open, .right, on: &state)
    let preview = try #require(state.variationEditor?.preview)
    #expect(preview.settings.variation == NoiseVariation(seed: 43, strength: 0.05))
    #expect(FrameText(view(state)).text.contains("same bits") == false)
    #expect(state.settings.variation == nil)
    // An answer for an earlier strength is not shown.
    engine.press(.right, on: &state)
    _ = reduce(&state, .noisePreviewed(preview))
    #expect(state.variationEditor?.preview?.settings.variation?.strength == 0.1)
  }

  @Test("strength 0 is said to give the same bits as without") mutating func zero() {
    var state = Scenes.started(120, 40, engine: &engine)
    engine.press(open, on: &state)
    #expect(FrameText(view(state)).text.contains("same bits as without"))
    engine.press(.enter, on: &state)
    #expect(FrameText(view(state)).text.contains("variation 43 x 0, same bits as without"))
  }

  @Test("the palette sets and removes it") mutating func palette() throws {
    var state = Scenes.started(120, 40, engine: &engine)
    for (line, variation) in [
      ("variation 7 0.35", NoiseVariation(seed: 7, strength: 0.35)), ("variation -1 x 1", .init(seed: -1, strength: 1)),
      ("variation off", nil),
    ] {
      engine.carryOut(reduce(&state, try CommandParser(CommandContext(state)).parse(line)), on: &state)
      #expect(state.settings.variation == variation)
    }
    for line in ["variation 7", "variation 7 2", "variation x 0.5", "variation 7 nan", "variation on"] {
      #expect(throws: DiffusionError.self) { try CommandParser(CommandContext(state)).parse(line) }
    }
  }

  @Test("golden screens match", arguments: [(20, 5), (80, 24)]) mutating func screens(columns: Int, rows: Int) throws {
    var state = Scenes.started(columns, rows, engine: &engine)
    engine.press(open, .character("7"), .right, .right, .right, on: &state)
    try Golden.check(view(state), "variation-\(columns)x\(rows)", tier: .trueColor)
  }
}
