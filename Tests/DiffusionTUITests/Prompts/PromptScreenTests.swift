import DiffusionCore
import DiffusionTUI
import Testing

/// Screens of a run of latents with a prompt.
@Suite("Screens of prompts and latents") struct PromptScreenTests {
  enum Scene: String, CaseIterable, Sendable {
    case preview, decoding, decoded, channel, tokens, editing, prompts, originals, outputs, attention, token
  }

  private static let sizes = [(80, 24), (100, 30), (200, 60)].map { Size(columns: $0, rows: $1) }

  private func state(_ scene: Scene) -> State {
    var engine = SmilingEngine()
    engine.useLatents()
    if scene == .prompts {
      let prompts = ["a red heart with a bow", "a blue heart with a bow"]
      let runs = prompts.map { RunSettings(seeds: [42], steps: 8, threads: 2, prompts: [$0], guidanceScale: 2) }
      var state = Scenes.comparing(runs, engine: &engine)
      engine.press(.right, .right, .tab, on: &state)
      return state
    }
    if [.originals, .outputs].contains(scene) {
      let settings = RunSettings(seeds: [42], steps: 8, threads: 2, prompts: ["pizza"], guidanceScale: 2)
      var state = Scenes.comparing([settings], engine: &engine)
      engine.press(.right, .right, .right, .character("E"), on: &state)
      if scene == .outputs { engine.press(.character("E"), on: &state) }
      return state
    }
    let prompt = scene == .tokens ? "a picture of a very wonderful pizza with everything and more on top" : "pizza"
    var state = Scenes.prompted([prompt], steps: 8, engine: &engine)
    for _ in 0..<3 { engine.press(.right, on: &state) }
    switch scene {
    case .preview, .prompts, .originals, .outputs: break
    case .attention: engine.press(.character("H"), .down, on: &state)
    case .token: engine.press(.character("H"), .down, .enter, on: &state)
    case .decoding:
      engine.answersDecoding = false
      engine.press(.character("I"), on: &state)
    case .decoded: engine.press(.end, on: &state)
    case .channel: engine.press(.character("V"), .character("V"), on: &state)
    case .tokens: engine.press(.character("P"), on: &state)
    case .editing: engine.press(.character("i"), .left, .left, .character("x"), on: &state)
    }
    return state
  }

  @Test("match their golden files", arguments: Scene.allCases, sizes) func golden(scene: Scene, size: Size) throws {
    var state = state(scene)
    _ = reduce(&state, .resize(size))
    try Golden.check(view(state), "prompt-\(scene.rawValue)-\(size.columns)x\(size.rows)", tier: .trueColor)
  }
}
